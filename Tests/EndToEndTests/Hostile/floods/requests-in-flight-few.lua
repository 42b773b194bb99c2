-- attack: has more tasks wait for an answer than the operator allows, nested in loops, caught, with a refund behind
-- exit: 10
-- says: --in-flight-limit
-- limits: --in-flight-limit 50
-- waits for: --in-flight-limit
for_each({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { parallel = 10 }, function()
    local sleepers = {}
    for i = 1, 10 do sleepers[i] = function() pcall(sleep, "30s") end end
    pcall(parallel, sleepers)
    pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
end)
