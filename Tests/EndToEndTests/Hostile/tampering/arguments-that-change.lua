-- attack: hands calls tables whose fields change between the look and the use
-- exit: 0
local looks = 0
local body = setmetatable({}, { __index = function() looks = looks + 1 return looks == 1 and "1" or "49990" end,
    __pairs = function() return next, { amount = "49990" } end, __len = function() return 1 end })
assert(not pcall(conomy.payments.refund, "65b0a1000000000000000202", body))
assert(not pcall(conomy.payments.refund, setmetatable({}, { __tostring = function() return "65b0a1000000000000000202" end }), { amount = "1" }))
assert(looks == 0, looks)
print("held")
