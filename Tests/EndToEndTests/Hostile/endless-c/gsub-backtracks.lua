-- attack: substitutes with a pattern that tries every way, at every place
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.gsub, ("a"):rep(5000), ("[ab]*"):rep(20) .. "c", "x")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
