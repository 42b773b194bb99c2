-- attack: passes off data from outside as money, and tables as money on the wire
-- exit: 0
local value = json.decode('{"a":{"$money":["1.50","USD"]}}')
assert(type(value.a) == "table")
assert(not pcall(function() return value.a + money("1", "USD") end))
local good, problem = pcall(emit, value)
assert(not good and problem.kind == "invalid" and problem.message:find("$money", 1, true))
assert(json.encode(money("1.5", "USD")) == '{"amount":"1.50","currency":"USD"}')
print("held")
