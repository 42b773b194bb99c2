-- attack: opens more files than the operator allows, catches that, lets go of them and refunds
-- exit: 10
-- says: --open-limit
-- limits: --open-limit 5
-- files: text rows.csv id\na\n
-- waits for: --open-limit
for _ = 1, 20 do pcall(csv, "rows.csv") end
pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
