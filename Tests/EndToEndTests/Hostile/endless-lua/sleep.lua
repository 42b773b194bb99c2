-- attack: sleeps for a month in each of a hundred functions
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local sleepers = {}
for i = 1, 100 do sleepers[i] = function() pcall(sleep, "30d") end end
parallel(sleepers)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
