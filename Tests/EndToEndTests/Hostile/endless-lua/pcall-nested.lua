-- attack: stands in a hundred nested pcalls when the limit comes, each with a refund behind it
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local function nest(depth)
    if depth == 0 then while true do end end
    pcall(nest, depth - 1)
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
end
nest(100)
