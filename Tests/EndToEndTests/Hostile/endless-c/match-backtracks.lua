-- attack: matches a pattern that tries every way to split a text
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.match, ("a"):rep(2000), (".-"):rep(30) .. "b")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
