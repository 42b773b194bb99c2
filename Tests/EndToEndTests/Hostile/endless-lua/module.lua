-- attack: loops in a module that is being required, caught
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
-- files: text endless.lua while true do end
pcall(require, "endless")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
