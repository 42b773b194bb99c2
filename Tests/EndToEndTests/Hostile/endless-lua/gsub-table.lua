-- attack: substitutes with a table whose __index never returns
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.gsub, "abc", ".", setmetatable({}, { __index = function() while true do end end }))
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
