-- attack: leaves wrapped coroutines with errors whose handlers leave wrapped coroutines with errors
-- exit: 0
-- limits: --memory-limit 256M
local function nest(depth)
    coroutine.wrap(function()
        local guard <close> = setmetatable({}, { __close = function() if depth > 0 then pcall(nest, depth - 1) end end })
        error("out")
    end)()
end
pcall(nest, 5000)
print("held")
