-- attack: doubles a text until there is no more, inside a coroutine inside pcall
-- exit: 10
-- says: --memory-limit
local co = coroutine.wrap(function()
    local text = "x"
    while true do text = text .. text end
end)
pcall(co)
pcall(function() conomy.payments.refund("65b0a1000000000000000202", { amount = "1" }) end)
