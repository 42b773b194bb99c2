-- attack: changes something before job says what may be changed
-- exit: 8
-- says: before job
if false then
    job { name = "late", effects = {} }
end
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
