-- attack: overflows the stack while an overflow is being handled, in handlers, close handlers and coroutines
-- exit: 0
-- limits: --memory-limit 512M
local function deep() return 1 + deep() end
local function deep_handler() return deep() end
do
    pcall(xpcall, deep, deep_handler)
    pcall(function() local guard <close> = setmetatable({}, { __close = deep }) deep() end)
    pcall(coroutine.wrap(function() local guard <close> = setmetatable({}, { __close = deep }) deep() end))
    pcall(xpcall, deep, function() return xpcall(deep, deep_handler) end)
end
print("held")
