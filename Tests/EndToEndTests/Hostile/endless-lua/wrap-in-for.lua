-- attack: walks an endless generator
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for _ in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end
