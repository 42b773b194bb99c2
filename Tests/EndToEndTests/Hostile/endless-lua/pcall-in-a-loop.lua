-- attack: catches every error in an endless loop, and then refunds
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do
    pcall(function() while true do end end)
    pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
end
