-- attack: has twelve thousand tasks wait for an answer at once
-- exit: 10
-- says: --in-flight-limit
-- limits: --time-limit 60s --memory-limit 512M
local sleepers = {}
for i = 1, 4000 do sleepers[i] = function() sleep("30s") end end
local function all() parallel(sleepers) end
parallel(all, all, all)
