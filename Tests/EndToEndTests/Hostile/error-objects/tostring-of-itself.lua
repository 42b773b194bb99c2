-- attack: raises an error whose __tostring asks for its own text
-- exit: 1
-- says: attack.lua
error(setmetatable({}, { __tostring = function(self) return tostring(self) end }))
