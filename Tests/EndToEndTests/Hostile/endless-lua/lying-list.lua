-- attack: gives for_each and parallel lists that say they are endless
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms
local liar = setmetatable({}, { __len = function() return math.maxinteger end, __index = function(_, key) return key end })
pcall(for_each, liar, function() end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
