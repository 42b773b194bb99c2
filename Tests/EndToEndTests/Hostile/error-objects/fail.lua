-- attack: calls fail with everything but a text
-- exit: 1
-- says: attack.lua
for _, value in ipairs { {}, print, 0 / 0, null, setmetatable({}, { __tostring = error }) } do pcall(fail, value, value) end
pcall(fail, "x", { kind = "credentials", message = "y", [print] = print })
fail(setmetatable({}, { __tostring = function() return ("\27[2J"):rep(100000) end }), setmetatable({}, { __pairs = error }))
