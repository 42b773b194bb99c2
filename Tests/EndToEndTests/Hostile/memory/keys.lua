-- attack: uses millions of different values as keys of one table
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 16M
local t, n = {}, 0
while true do
    n = n + 1
    t[n + 0.5] = n
    t["k" .. n] = n
end
