-- attack: refunds in a __close handler that runs because memory is at its end
-- exit: 10
-- says: --memory-limit
pcall(function()
    local guard <close> = setmetatable({}, { __close = function()
        conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
    end })
    local t = {}
    while true do t[#t + 1] = ("x"):rep(1000) .. #t end
end)
