-- attack: ten rows beside each other print for ever
-- exit: 10
-- says: --output-limit
-- limits: --output-limit 1M
-- waits for: --output-limit
for_each({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { parallel = 10 }, function(row) while true do print(("x"):rep(100)) end end)
