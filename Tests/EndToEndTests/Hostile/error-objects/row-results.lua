-- attack: rows end with results that cannot be sent
-- exit: 6
-- says: held
-- limits: --memory-limit 256M
local deep = {}
for _ = 1, 100 do deep = { deep } end
local cycle = {}
cycle[1] = cycle
local results = { print, cycle, deep, "\0", "\xff", { [1] = 1, [3] = 3 }, { [true] = 1 }, ("x"):rep(17 << 20), 0 / 0, math.huge,
    coroutine.running(), { [{}] = 1 }, setmetatable({}, { __index = error, __pairs = error, __len = error }) }
local loop = for_each(results, { parallel = 1 }, function(result) return result end)
assert(loop.failed >= 9, loop.failed)
print("held")
