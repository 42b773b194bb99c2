-- attack: assigns to Bursar's names and tables
-- exit: 0
for name in pairs(_G) do
    assert(not pcall(load("local value = ... " .. name .. " = value"), 1), name)
    assert(not pcall(function() _G[name] = 1 end), name)
    assert(not pcall(function() _ENV[name] = 1 end), name)
end
for _, target in ipairs { string, table, math, utf8, coroutine, log, conomy, conomy.payments } do
    assert(not pcall(function() target.anything = 1 end))
    assert(not pcall(function() target[{}] = 1 end))
end
print("held")
