-- attack: walks the matches of a pattern that never comes to its first
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(function() for _ in string.gmatch(("a"):rep(2000), (".-"):rep(30) .. "b") do end end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
