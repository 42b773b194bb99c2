-- attack: raises an error whose __tostring gives a table, a number, nothing
-- exit: 1
-- says: attack.lua
for _, value in ipairs { {}, 5, false } do
    local good = pcall(error, setmetatable({}, { __tostring = function() return value end }))
    assert(not good)
end
error(setmetatable({}, { __tostring = function() return {} end }))
