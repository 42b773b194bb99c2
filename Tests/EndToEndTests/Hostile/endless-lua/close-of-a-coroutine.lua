-- attack: closes a coroutine whose __close handler never ends
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local co = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() while true do end end })
    coroutine.yield()
end)
coroutine.resume(co)
pcall(coroutine.close, co)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
