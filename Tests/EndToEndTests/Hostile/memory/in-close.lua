-- attack: uses up memory in a __close handler while an error is on its way, with a refund in the next one
-- exit: 10
-- says: --memory-limit
pcall(function()
    local outer <close> = setmetatable({}, { __close = function()
        conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
    end })
    local inner <close> = setmetatable({}, { __close = function()
        local t = {}
        while true do t[#t + 1] = ("x"):rep(1000) .. #t end
    end })
    error("out")
end)
