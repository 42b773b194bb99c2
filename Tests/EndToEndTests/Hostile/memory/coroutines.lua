-- attack: keeps coroutines for ever, each with a stack of its own
-- exit: 10
-- says: --memory-limit
local t = {}
while true do
    local co = coroutine.create(function(...) coroutine.yield(...) end)
    coroutine.resume(co, #t, #t, #t)
    t[#t + 1] = co
end
