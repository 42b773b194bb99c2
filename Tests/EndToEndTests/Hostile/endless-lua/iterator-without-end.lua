-- attack: gives for_each an iterator of endless rows
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
local count = 0
for_each(function() count = count + 1 return count end, { parallel = 8 }, function() end)
