-- attack: runs two thousand rows beside each other, all asleep
-- exit: 0
-- limits: --time-limit 60s --memory-limit 256M
local rows = {}
for i = 1, 2000 do rows[i] = i end
local loop = for_each(rows, { parallel = 2000 }, function() sleep("10ms") end)
assert(loop.succeeded == 2000)
print("held")
