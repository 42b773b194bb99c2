-- attack: raises a table whose message, hint, code, path and kind are enormous
-- exit: 1
-- says: attack.lua
-- limits: --memory-limit 256M
local text = ("m"):rep(5 << 20)
error({ message = text, hint = text, code = text, path = text, kind = text, operation = text, detail = text, location = nil })
