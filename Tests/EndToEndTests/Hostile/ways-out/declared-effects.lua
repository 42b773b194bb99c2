-- attack: widens what job declared, by declaring again, by changing the table, by calling through load and coroutines
-- exit: 6
-- says: held
local declared = {}
job { name = "narrow", effects = declared }
declared[1] = "payments.refund"
assert(not pcall(job, { name = "wide", effects = { "payments.refund" } }))
local refund = function() return conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end
local ways = { refund, coroutine.wrap(refund), load("local f = ... return f()"), function() return parallel(refund) end }
for place, way in ipairs(ways) do
    local good, problem = pcall(way, refund)
    assert(not good and problem.kind == "refused", place)
end
local loop = for_each({ 1 }, refund)
assert(loop.failed == 1)
print("held")
