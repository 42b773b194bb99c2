-- attack: grows the stacks of many coroutines at once
-- exit: 10
-- says: --memory-limit
local function deep(n) if n == 0 then coroutine.yield() return 0 end return 1 + deep(n - 1) end
local t = {}
while true do
    local co = coroutine.create(deep)
    coroutine.resume(co, 1000)
    t[#t + 1] = co
end
