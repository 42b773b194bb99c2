-- attack: keeps millions of short texts, which the interpreter files in one table
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 16M
local t, n = {}, 0
while true do
    n = n + 1
    t[n] = "k" .. n
end
