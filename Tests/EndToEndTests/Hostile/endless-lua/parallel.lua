-- attack: a sibling of an endless function refunds when the limit has passed
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
parallel(function() while true do end end, function()
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
end)
