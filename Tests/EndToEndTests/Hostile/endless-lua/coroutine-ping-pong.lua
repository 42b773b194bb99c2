-- attack: two coroutines hand over to each other for ever
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local ping = coroutine.wrap(function() while true do coroutine.yield() end end)
local pong = coroutine.wrap(function() while true do ping() coroutine.yield() end end)
while true do pong() end
