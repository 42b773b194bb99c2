-- attack: finds with greedy parts that give back one character at a time
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.find, ("a"):rep(3000), ("a*"):rep(30) .. "b")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
