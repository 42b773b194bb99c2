-- attack: has the host check a file of sixteen megabytes, which takes longer than the run may
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
-- files: repeat rows.csv 4000000 a,b\n
pcall(csv, "rows.csv")
while true do end
