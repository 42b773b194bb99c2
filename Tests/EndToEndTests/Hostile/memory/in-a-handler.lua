-- attack: uses up memory in the handler of an error, and refunds in the next
-- exit: 10
-- says: --memory-limit
xpcall(function()
    xpcall(error, function()
        local t = {}
        while true do t[#t + 1] = ("x"):rep(1000) .. #t end
    end, "x")
end, function() conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
