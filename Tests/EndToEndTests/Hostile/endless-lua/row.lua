-- attack: one row of many loops, the others refund
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for_each({ 1, 2, 3, 4, 5, 6, 7, 8 }, { parallel = 4 }, function(row)
    if row == 1 then while true do end end
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
end)
