-- attack: asks for more than there is in one step, caught, which a script would like to be an ordinary error
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 16M
pcall(string.rep, "x", 1 << 30)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
