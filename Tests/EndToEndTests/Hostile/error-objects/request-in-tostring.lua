-- attack: raises an error whose __tostring asks the host for something while the end is reported
-- exit: 1
-- says: attack.lua
error(setmetatable({}, { __tostring = function() return now() .. uuid() end }))
