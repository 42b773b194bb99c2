-- attack: asks the host for the time for ever, caught, so that the script itself hardly runs
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do pcall(now) end
