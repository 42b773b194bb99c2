-- attack: nests loops within loops for ever
-- exit: 10
-- says: -limit
-- limits: --time-limit 20s --open-limit 100
-- waits for: --open-limit
local function nest() for_each({ 1 }, nest) end
nest()
