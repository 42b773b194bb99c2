-- attack: formats one text a thousand times into another
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 32M
local text = ("x"):rep(8 << 20)
pcall(string.format, "%s%s%s%s%s%s%s%s", text, text, text, text, text, text, text, text)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
