-- attack: raises what looks like malformed input and a lost result file
-- exit: 1
-- says: attack.lua
pcall(error, { code = "results", message = "x" })
error({ code = "invalid_input", message = "the file has 2 problems" })
