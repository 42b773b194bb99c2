-- attack: raises what tells a scheduler to run it again
-- exit: 1
-- says: attack.lua
error({ kind = "unreachable", code = "connection", message = "the API cannot be reached" })
