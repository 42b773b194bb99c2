-- attack: asks for io, os, debug, package and their friends by name, by rawget and through load
-- exit: 0
for _, name in ipairs { "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage", "newproxy", "getfenv" } do
    assert(rawget(_G, name) == nil, name)
    local good, found = pcall(function() return _G[name] end)
    assert(not good or found == nil, name)
    local chunk = load("return " .. name)
    assert(not pcall(chunk), name)
end
assert(not pcall(function() return string.dump(print) end))
assert(not pcall(function() return ("x"):dump() end))
print("held")
