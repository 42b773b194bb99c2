-- attack: chains __index and __newindex of tables ten thousand long and into a circle
-- exit: 0
local t = {}
for _ = 1, 10000 do t = setmetatable({}, { __index = t, __newindex = t }) end
assert(not pcall(function() return t.x end))
assert(not pcall(function() t.x = 1 end))
local round = {}
setmetatable(round, { __index = round, __newindex = round })
assert(not pcall(function() return round.x end) and not pcall(function() round.x = 1 end))
local chain = print
for _ = 1, 300 do chain = setmetatable({}, { __call = chain }) end
pcall(chain)
print("held")
