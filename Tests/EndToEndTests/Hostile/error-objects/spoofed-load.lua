-- attack: raises what looks like a script that cannot be compiled
-- exit: 1
-- says: attack.lua
-- waits for: hole 4
error({ stage = "load", message = "unexpected symbol" })
