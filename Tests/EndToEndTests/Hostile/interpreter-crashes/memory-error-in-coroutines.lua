-- attack: reaches the end of memory while coroutines are born, resumed, closed and collected
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 4M
local kept = {}
while true do
    pcall(function()
        local co = coroutine.create(function(...)
            local guard <close> = setmetatable({}, { __close = function() kept[#kept + 1] = { ("x"):rep(100) } end })
            coroutine.yield(...)
        end)
        coroutine.resume(co, table.unpack({}, 1, 200))
        kept[#kept + 1] = co
        coroutine.close(kept[math.max(1, #kept - 50)])
    end)
end
