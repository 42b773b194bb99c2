-- attack: makes the stack move while C functions hold on to it: gsub, sort, pcall, metamethods that use many values
-- exit: 0
-- limits: --memory-limit 256M
local function use(n) return select("#", table.unpack({}, 1, n)) end
for n = 1, 5 do
    local size = 10 ^ n // 1 | 0
    string.gsub("abc", ".", function(c) use(size) return c end)
    table.sort({ 3, 2, 1 }, function(a, b) use(size) return a < b end)
    local t = setmetatable({}, { __index = function(_, k) use(size) return k end, __concat = function() use(size) return "x" end,
        __eq = function() use(size) return true end, __lt = function() use(size) return true end, __close = function() use(size) end,
        __newindex = function(s, k, v) use(size) rawset(s, k, v) end })
    local sum = t.x .. t .. t.y
    t.z = t < t
    do local guard <close> = t end
    table.concat(setmetatable({}, { __index = function() use(size) return "x" end }), ",", 1, 10)
    table.unpack(setmetatable({}, { __index = function() use(size) return "x" end }), 1, 10)
    coroutine.wrap(function(...) use(size) coroutine.yield(...) end)(table.unpack({}, 1, size))
end
print("held")
