-- attack: closes coroutines from the close handlers of coroutines, ten thousand deep (5.4.4 runs over the C stack)
-- exit: 0
-- limits: --memory-limit 256M
local function nest(depth)
    local co = coroutine.create(function()
        local guard <close> = setmetatable({}, { __close = function()
            if depth > 0 then coroutine.close(nest(depth - 1)) end
        end })
        coroutine.yield()
    end)
    coroutine.resume(co)
    return co
end
pcall(coroutine.close, nest(10000))
print("held")
