-- attack: fills a table for ever, catches the end of memory, lets everything go and refunds
-- exit: 10
-- says: --memory-limit
local t = {}
pcall(function() while true do t[#t + 1] = { #t } end end)
t = nil
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
