-- attack: fails assertions with values that are no messages
-- exit: 1
-- says: attack.lua
pcall(assert, false, setmetatable({}, { __tostring = error }))
pcall(assert, nil, nil)
pcall(assert)
assert(false, setmetatable({}, { __name = "error", __tostring = function() return "\27[2Jx" end }))
