-- attack: starts with the smallest limit there is and takes all of it while a module is read
-- exit: 10
-- says: memory
-- limits: --memory-limit 1M
-- files: text fill.lua local t = {} while true do t[#t + 1] = { #t } end
pcall(require, "fill")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
