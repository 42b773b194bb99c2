-- attack: replaces nothing, everywhere, by a megabyte
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 32M
pcall(string.gsub, ("x"):rep(100000), "", ("y"):rep(100000))
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
