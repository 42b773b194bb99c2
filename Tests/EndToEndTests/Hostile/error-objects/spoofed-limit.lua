-- attack: raises what looks like a limit, to end with its exit code
-- exit: 1
-- says: attack.lua
error({ kind = "limit", code = "max_failures", message = "the script ran longer than its limit" })
