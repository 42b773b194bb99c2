-- attack: opens and reads a file three hundred times, one after the other, which leaves none open
-- exit: 0
-- limits: --open-limit 3
-- files: text rows.csv id\na\nb\n
-- arguments: --quiet
for _ = 1, 300 do for row in csv("rows.csv") do end end
log.error("held")
