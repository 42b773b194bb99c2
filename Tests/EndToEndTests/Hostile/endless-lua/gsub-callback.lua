-- attack: substitutes with a function that never returns, where Lua cannot yield
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.gsub, "abc", ".", function() while true do end end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
