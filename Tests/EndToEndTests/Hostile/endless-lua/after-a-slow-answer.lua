-- attack: lets the limit pass while it waits for an answer, and refunds when the answer comes
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for _ = 1, 100 do pcall(sleep, "10ms") end
pcall(sleep, "200ms")
pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
