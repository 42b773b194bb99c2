-- attack: looks for the end of a million open brackets from each of them
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
pcall(string.find, ("("):rep(1000000), "%b()")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
