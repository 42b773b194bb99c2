-- attack: has twenty thousand tasks wait for an answer at once
-- exit: 10
-- says: --in-flight-limit
-- limits: --time-limit 60s --memory-limit 512M
-- waits for: --in-flight-limit
local sleepers = {}
for i = 1, 20000 do sleepers[i] = function() sleep("30s") end end
parallel(sleepers)
