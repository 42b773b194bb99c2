-- attack: gives parallel a list of functions that says it is endless
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms
local function nothing() end
local liar = setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return nothing end })
pcall(parallel, liar)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
