-- attack: prints for ever inside a comparison, where notes wait to be sent
-- exit: 10
-- says: -limit
-- limits: --time-limit 2s --memory-limit 16M
pcall(table.sort, { 3, 2, 1 }, function() while true do print(("x"):rep(1000)) end end)
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
