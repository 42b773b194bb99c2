-- attack: has a text of control characters written out with %q, where each takes four
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 8M
pcall(string.format, "%q", ("\1"):rep(2 << 20))
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
