-- attack: spends its time in yields across pcalls and metamethods, so that the limit comes in a hand-over
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local trap = setmetatable({}, { __index = function(_, key) coroutine.yield(key) return key end, __call = function(_, ...) coroutine.yield(...) end })
local co = coroutine.wrap(function() while true do pcall(function() pcall(trap, trap.x, trap.y) coroutine.yield() end) end end)
while true do pcall(co) end
