-- attack: calls, copies and keeps Bursar's iterators after their end, in other tasks and with arguments of its own
-- exit: 0
-- files: text rows.csv id\na\nb\nc\n
local rows = csv("rows.csv", { key = "id" })
local seen = 0
for row in rows do seen = seen + 1 end
assert(seen == 3)
for _ = 1, 5 do assert(rows() == nil) end
assert(rows(1, 2, 3) == nil)
local each = conomy.payments.each {}
while each(nil, {}) do end
assert(each() == nil)
local again = csv("rows.csv")
local taken = 0
parallel(function() while again() do taken = taken + 1 end end, function() while again() do taken = taken + 1 end end,
    function() for _ in again do taken = taken + 1 end end)
assert(taken == 3, taken)
assert(not pcall(for_each, again, function() end) or true)
assert(not pcall(next, rows) and not pcall(pairs, rows) and not pcall(function() return rows.id end))
print("held")
