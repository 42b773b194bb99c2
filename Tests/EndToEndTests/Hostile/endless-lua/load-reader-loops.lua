-- attack: loads from a reader that never returns
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(load, function() while true do end end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
