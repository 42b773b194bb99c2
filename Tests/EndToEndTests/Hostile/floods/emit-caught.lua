-- attack: emits for ever and catches what says that it is enough, and then refunds
-- exit: 10
-- says: --output-limit
-- limits: --output-limit 1M
-- waits for: --output-limit
for _ = 1, 1000 do pcall(function() for _ = 1, 100 do emit(("x"):rep(1000)) end end) end
pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
