-- attack: removes the first of a list that says it has a quintillion elements
-- exit: 0
-- limits: --time-limit 5s
assert(not pcall(table.remove, setmetatable({}, { __len = function() return 1 << 60 end }), 1))
print("held")
