-- attack: never leaves a __close handler, on the way out of a block and of an error
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(function()
    local guard <close> = setmetatable({}, { __close = function() while true do end end })
    error("out")
end)
