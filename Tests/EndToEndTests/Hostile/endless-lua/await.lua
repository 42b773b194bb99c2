-- attack: awaits a status that never comes, as often as it can
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(await, "65b0a1000000000000000202", "REFUNDED", { timeout = "30d", every = "1ms" })
while true do pcall(await, "65b0a1000000000000000202", "CREATED", { timeout = "30d", every = 0 }) end
