-- attack: opens and reads a file three thousand times, one after the other, which leaves none open
-- exit: 0
-- limits: --time-limit 60s
-- files: text rows.csv id\na\nb\n
-- waits for: --open-limit
-- arguments: --quiet
for _ = 1, 3000 do for row in csv("rows.csv") do end end
log.error("held")
