-- attack: raises what looks like credentials that were not accepted
-- exit: 1
-- says: attack.lua
-- waits for: hole 4
error({ kind = "credentials", code = "unauthorized", message = "the credentials were not accepted", status = 401 })
