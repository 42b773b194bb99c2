-- attack: raises what looks like an effect in doubt
-- exit: 1
-- says: attack.lua
error({ kind = "in_doubt", message = "payments.refund is in doubt" })
