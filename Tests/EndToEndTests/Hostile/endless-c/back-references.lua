-- attack: compares a long capture with the text behind it, at every length
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
pcall(string.find, ("a"):rep(40000), "(.-)%1(.-)%2b")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
