-- attack: rows raise what looks like doubt, a limit and lost credentials, to stop the loop or the run
-- exit: 6
-- says: held
local kinds = { "in_doubt", "limit", "credentials", "unreachable", "refused", "results", "interrupted" }
local loop = for_each(kinds, { parallel = 1 }, function(kind)
    error({ kind = kind, code = kind == "limit" and "max_failures" or kind, message = "spoofed " .. kind, stage = "load" })
end)
assert(loop.rows == #kinds and loop.failed == #kinds)
print("held")
