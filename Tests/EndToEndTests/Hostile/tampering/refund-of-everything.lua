-- attack: leaves the amount of a refund out in every way that might be taken for "all"
-- exit: 0
local id = "65b0a1000000000000000202"
local bodies = { {}, { amount = null }, { amount = "" }, { amount = "ALL" }, { amount = "all " }, { Amount = "1" }, { amount = {} }, { amount = array {} },
    { amount = false }, { amount = 0 }, { amount = "0" }, { amount = 0.0 }, { amount = "00" }, { amount = "all", amuont = "1" }, { reason = "x" },
    setmetatable({}, { __index = { amount = "1" } }) }
for place, body in ipairs(bodies) do
    local good, problem = pcall(conomy.payments.refund, id, body)
    assert(not good, place)
end
assert(not pcall(conomy.payments.refund, id))
assert(not pcall(conomy.payments.refund, id, null))
assert(not pcall(conomy.payments.refund, id, "1"))
assert(not pcall(conomy.payments.refund))
print("held")
