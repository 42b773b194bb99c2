-- attack: refunds in a rehearsal in every way it can, hoping that one of them is not rehearsed
-- exit: 0
-- arguments: --dry-run
local function refund() return conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end
refund()
coroutine.wrap(refund)()
parallel(refund, refund)
for_each({ 1, 2 }, refund)
xpcall(error, refund)
do local guard <close> = setmetatable({}, { __close = refund }) end
tostring(setmetatable({}, { __tostring = function() refund() return "" end }))
load("local f = ... f()")(refund)
pcall(conomy.payments.create, { type = "REFUND", originalPaymentId = "65b0a1000000000000000202", amount = "1" })
print("held")
