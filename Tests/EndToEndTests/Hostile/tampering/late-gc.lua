-- attack: adds __gc and __mode to a metatable that is set already, and has it collected
-- exit: 0
-- without: collected
for i = 1, 1000 do
    local metatable = {}
    local value = setmetatable({}, metatable)
    metatable.__gc = function() print("collected") end
    metatable.__mode = "kv"
    pcall(setmetatable, value, metatable)
end
for i = 1, 200000 do local t = { {}, {} } end
print("held")
