-- attack: one task asks for a refund and another never gives way, so that the limit comes between asking and sending
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
parallel(function() conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end, function() while true do end end)
