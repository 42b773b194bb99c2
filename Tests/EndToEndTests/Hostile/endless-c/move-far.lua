-- attack: moves a quintillion absent elements
-- exit: 0
-- limits: --time-limit 5s
assert(not pcall(table.move, {}, 1, 1 << 60, 2))
assert(not pcall(table.move, {}, math.mininteger // 2, 0, 2))
assert(not pcall(table.move, {}, 1, 1 << 60, 2, {}))
print("held")
