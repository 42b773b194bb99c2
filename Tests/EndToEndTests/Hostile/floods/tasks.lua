-- attack: starts tasks within tasks within tasks
-- exit: 10
-- says: -limit
-- limits: --time-limit 1s
local function grow() parallel(grow, grow) end
grow()
