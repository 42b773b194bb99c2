-- attack: changes money, makes money by hand, and does sums that overflow, round and mix
-- exit: 0
local m = money("100", "CLP")
assert(not pcall(function() m.amount = "1" end))
assert(not pcall(rawset, m, "amount", "1"))
assert(getmetatable(m) == nil)
for _, amount in ipairs { 1.5, "-1", "1e3", "0x10", "", " 1", "1 ", "١", "9223372036854775808", ("9"):rep(100000), {}, null, 0 / 0, math.huge, "1.5" } do
    assert(not pcall(money, amount, "CLP"), tostring(amount))
end
local most = money("999999999999999999", "CLP")
for place, try in ipairs { function() return most * 9 + most end, function() return most * 10 end, function() return m - most end, function() return -m end,
    function() return m * 1.5 end, function() return m * -1 end, function() return m / 2 end, function() return m + money("1", "USD") end,
    function() return m < money("1", "USD") end, function() return m:split(0) end, function() return m:split(math.maxinteger) end,
    function() return #m end, function() return m() end, function() return m.x end, function() return m + 1 end } do
    assert(not pcall(try), place)
end
print("held")
