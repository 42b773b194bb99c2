-- attack: leaves a for loop whose closing value never ends its handler, by break, return, goto and error
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local trap = setmetatable({}, { __close = function() while true do end end })
pcall(function() for _ in next, { 1 }, nil, trap do break end end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
