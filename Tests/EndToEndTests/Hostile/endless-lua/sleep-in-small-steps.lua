-- attack: sleeps a millisecond at a time for ever
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do pcall(sleep, "1ms") end
