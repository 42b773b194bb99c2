-- attack: joins a list in which one text stands a million times
-- exit: 10
-- says: --memory-limit
local text, list = ("x"):rep(100000), {}
for i = 1, 100000 do list[i] = text end
pcall(table.concat, list, ",")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
