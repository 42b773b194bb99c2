-- attack: refunds in a __close handler that the limit's unwinding calls
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local trap = { __close = function()
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
    while true do end
end }
local function nest(depth)
    local guard <close> = setmetatable({}, trap)
    if depth > 0 then return pcall(nest, depth - 1) end
    while true do end
end
nest(20)
