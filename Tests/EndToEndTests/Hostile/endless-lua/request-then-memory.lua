-- attack: one task asks for a refund and another uses up memory, so that the limit comes between asking and sending
-- exit: 10
-- says: --memory-limit
parallel(function() conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end, function()
    local t = {}
    while true do t[#t + 1] = { #t } end
end)
