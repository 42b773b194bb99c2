-- attack: waits for the limit inside xpcall, whose handler refunds and goes on
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do
    xpcall(function() while true do end end, function()
        conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
        while true do end
    end)
end
