-- attack: loops at the bottom of fifty coroutines, each of which catches, yields and refunds
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local function nest(depth)
    if depth == 0 then while true do end end
    local inner = coroutine.wrap(function() pcall(nest, depth - 1) end)
    pcall(inner)
    pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
end
nest(50)
