-- attack: loops in a coroutine of its own and refunds after it came back
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local co = coroutine.create(function() while true do end end)
coroutine.resume(co)
pcall(coroutine.close, co)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
