-- attack: fails fifty thousand rows, each with a different cause
-- exit: 6
-- limits: --time-limit 60s --memory-limit 256M
local count = 0
for_each(function() count = count + 1 return count <= 5000 and count or nil end, { parallel = 64 }, function(row)
    error("cause" .. ("abcdefghij"):sub(row % 10 + 1, row % 10 + 1):rep(row % 50 + 1) .. ("x"):rep(200))
end)
