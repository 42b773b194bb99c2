-- attack: joins a list of a quintillion empty texts that exist only when asked for
-- exit: 0
-- limits: --time-limit 5s
local liar = setmetatable({}, { __len = function() return 1 << 53 end, __index = setmetatable({}, { __index = { } }) })
assert(not pcall(table.concat, liar))
local empty = setmetatable({}, { __len = function() return 1 << 53 end, __index = function() return "" end })
assert(not pcall(table.concat, empty))
assert(not pcall(table.concat, empty, "", 1, 1 << 53))
print("held")
