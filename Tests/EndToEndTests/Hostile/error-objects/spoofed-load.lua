-- attack: raises what looks like a script that cannot be compiled
-- exit: 1
-- says: attack.lua
error({ stage = "load", message = "unexpected symbol" })
