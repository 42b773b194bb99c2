-- attack: runs ten thousand rows beside each other, all asleep
-- exit: 0
-- limits: --time-limit 60s --memory-limit 256M
local rows = {}
for i = 1, 10000 do rows[i] = i end
local loop = for_each(rows, { parallel = 9000 }, function() sleep("10ms") end)
assert(loop.succeeded == 10000)
print("held")
