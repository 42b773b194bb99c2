-- attack: refunds from the __tostring of the error that ends the script
-- exit: 1
-- says: __tostring
error(setmetatable({}, { __tostring = function()
    conomy.payments.refund("65b0a1000000000000000202", { amount = "not an amount" })
    return "after"
end }))
