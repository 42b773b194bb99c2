-- attack: raises a table whose traceback is no list
-- exit: 1
-- says: attack.lua
error({ message = "no list", traceback = setmetatable({}, { __index = function() return "x" end, __len = function() return 1 << 60 end }) })
