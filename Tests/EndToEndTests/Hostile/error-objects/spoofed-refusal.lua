-- attack: raises what looks like a refusal of policy
-- exit: 1
-- says: attack.lua
error({ kind = "refused", code = "declared_effects", message = "refused by policy" })
