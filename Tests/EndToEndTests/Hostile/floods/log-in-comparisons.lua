-- attack: prints inside comparisons, where lines wait, for as long as memory lasts
-- exit: 10
-- says: -limit
-- limits: --memory-limit 16M --time-limit 3s
while true do pcall(table.sort, { 3, 2, 1 }, function(a, b) for _ = 1, 100 do print(("x"):rep(1000)) end return a < b end) break end
pcall(table.sort, { 3, 2, 1 }, function(a, b) while true do print(("x"):rep(1000)) end end)
