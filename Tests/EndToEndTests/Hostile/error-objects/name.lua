-- attack: raises a table whose __name is a megabyte of escape sequences
-- exit: 1
-- says: attack.lua
error(setmetatable({}, { __name = ("\27[31m"):rep(200000), __tostring = nil }))
