-- attack: makes and drops coroutines for ever
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do coroutine.wrap(function() coroutine.yield() end)() end
