-- attack: reads numbers of ten million digits in all bases
-- exit: 0
local digits = ("1"):rep(10000000)
assert(tonumber(digits) == nil or tonumber(digits) == math.huge)
assert(tonumber("0x" .. digits) ~= 5)
assert(tonumber(digits, 36) ~= 5 and tonumber(digits, 2) ~= 5)
assert(not pcall(function() return digits + {} end))
assert(tonumber("1e" .. digits) ~= 5)
print("held")
