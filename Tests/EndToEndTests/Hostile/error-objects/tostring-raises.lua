-- attack: raises an error whose __tostring raises an error whose __tostring raises
-- exit: 1
-- says: __tostring
local function hostile(depth)
    return setmetatable({}, { __tostring = function() error(hostile(depth + 1)) end })
end
error(hostile(1))
