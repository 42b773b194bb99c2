-- attack: raises what looks like a wrong command line, so that the summary is left out
-- exit: 1
-- says: attack.lua
error({ code = "usage", message = "there is no argument" })
