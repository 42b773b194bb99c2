-- attack: yields from tasks and rows of Bursar's, to hand the worker's loop values of its own
-- exit: 6
-- says: held
assert(not pcall(coroutine.yield))
assert(not pcall(coroutine.yield, null, 1, "call", "{}"))
for _, row in ipairs { 1 } do assert(not pcall(coroutine.yield, row)) end
local rows = for_each({ 1, 2, 3 }, function() coroutine.yield("row") end)
assert(rows.failed == 3, rows.failed)

parallel(function() assert(not pcall(coroutine.yield, 1)) end)
print("held")
