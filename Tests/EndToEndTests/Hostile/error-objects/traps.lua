-- attack: raises a table with every metamethod set, all of them raising
-- exit: 1
-- says: attack.lua
local function boom() error("from a metamethod") end
error(setmetatable({}, { __index = boom, __newindex = boom, __pairs = boom, __len = boom, __call = boom, __eq = boom, __name = boom,
    __tostring = boom, __concat = boom, __metatable = boom, __close = boom, __lt = boom }))
