-- attack: waits for answers inside coroutines inside tasks, a thousand tasks at once
-- exit: 0
-- limits: --time-limit 60s --memory-limit 256M
local bodies, count = {}, 0
for i = 1, 1000 do
    bodies[i] = function()
        for moment in coroutine.wrap(function() for _ = 1, 3 do coroutine.yield(now()) end end) do
            assert(moment:match("^%d%d%d%d"))
            count = count + 1
        end
    end
end
parallel(bodies)
assert(count == 3000, count)
print("held")
