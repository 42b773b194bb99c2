-- attack: gives rows keys of ten megabytes each, which stand in logs, results and the summary
-- exit: 1
-- says: key
-- limits: --memory-limit 256M
-- waits for: hole 8
local n = 0
for_each(function() n = n + 1 return n end, { key = function() return ("k"):rep(10 << 20) .. n end, parallel = 4 }, function() error("x") end)
