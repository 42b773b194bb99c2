-- attack: hands hundreds of thousands of values into and out of a coroutine
-- exit: 10
-- says: -limit
-- limits: --time-limit 1s
local list = {}
for i = 1, 200000 do list[i] = i end
local kept = {}
while true do
    local co = coroutine.create(function(...) coroutine.yield(...) end)
    coroutine.resume(co, table.unpack(list))
    kept[#kept + 1] = co
end
