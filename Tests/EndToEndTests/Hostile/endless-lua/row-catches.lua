-- attack: every row catches what it can and the loop goes on to a refund
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(for_each, { 1, 2, 3 }, { max_failures = 3 }, function(row)
    pcall(function() while true do end end)
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
