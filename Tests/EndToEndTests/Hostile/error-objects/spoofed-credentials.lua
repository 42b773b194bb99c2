-- attack: raises what looks like credentials that were not accepted
-- exit: 1
-- says: attack.lua
error({ kind = "credentials", code = "unauthorized", message = "the credentials were not accepted", status = 401 })
