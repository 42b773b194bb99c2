-- attack: calls a table whose __call is the table itself
-- exit: 10
-- says: -limit
-- limits: --time-limit 300ms
local round = {}
setmetatable(round, { __call = round })
pcall(round)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
