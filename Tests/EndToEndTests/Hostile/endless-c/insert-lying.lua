-- attack: inserts at the front of a list that says it has a quintillion elements
-- exit: 0
-- limits: --time-limit 5s
assert(not pcall(table.insert, setmetatable({}, { __len = function() return 1 << 60 end }), 1, "x"))
print("held")
