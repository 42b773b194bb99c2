-- attack: sorts a list that says it is endless
-- exit: 0
-- limits: --time-limit 5s
assert(not pcall(table.sort, setmetatable({}, { __len = function() return 1 << 60 end })))
assert(not pcall(table.sort, setmetatable({}, { __len = function() return 1 << 60 end, __index = function() return 1 end })))
print("held")
