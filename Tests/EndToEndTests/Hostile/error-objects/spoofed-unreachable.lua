-- attack: raises what tells a scheduler to run it again
-- exit: 1
-- says: attack.lua
-- waits for: hole 4
error({ kind = "unreachable", code = "connection", message = "the API cannot be reached" })
