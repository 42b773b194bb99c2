-- Values JSON has and Lua lacks: arrays that stay arrays. (`null` is the core's.)
local _ENV <const> = ...

array_metatable.__metatable = false
array_metatable.__array = true

-- Marks a table as an array, so that it is sent as one when it is empty.
function array(list)
    if list == nil then list = {} end
    if type(list) ~= "table" then raise("invalid", "array wants a table, not a " .. type(list)) end
    if metafield(list, "__array") then return list end
    if metafield(list, "__metatable") ~= nil then raise("invalid", "array cannot mark this table: its metatable is protected") end
    return setmetatable(list, array_metatable)
end
