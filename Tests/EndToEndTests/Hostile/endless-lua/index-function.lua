-- attack: looks up a field whose __index never returns, through rawget-less code of Bursar's
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local trap = setmetatable({}, { __index = function() while true do end end })
for_each({ trap }, { key = "id", name = trap.name }, function() end)
