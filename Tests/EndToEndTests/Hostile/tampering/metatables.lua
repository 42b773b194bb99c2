-- attack: sets metatables on everything of Bursar's, and metatables that are protected, collected and weak
-- exit: 0
local _, failure = pcall(fail, "x")
for _, target in ipairs { _G, string, table, math, coroutine, log, conomy, failure, array {}, null, money("1", "CLP"), print, "text" } do
    assert(not pcall(setmetatable, target, {}))
    assert(not pcall(setmetatable, target, nil))
end
for _, name in ipairs { "__gc", "__mode" } do assert(not pcall(setmetatable, {}, { [name] = print })) end
assert(not pcall(setmetatable, {}, 5))
assert(not pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {}))
local late = setmetatable({}, {})
pcall(function() getmetatable(late).__gc = function() print("collected") end end)
setmetatable(late, getmetatable(late) and nil)
print("held")
