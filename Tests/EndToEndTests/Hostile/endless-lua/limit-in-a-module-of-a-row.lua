-- attack: reaches the limit in a module required by a row inside a coroutine inside a comparison
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
-- files: text lib.lua return function() while true do end end
local forever = require("lib")
for_each({ 1, 2 }, { parallel = 2 }, function()
    pcall(table.sort, { 3, 2, 1 }, function() coroutine.wrap(function() pcall(forever) end)() return true end)
    conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
end)
