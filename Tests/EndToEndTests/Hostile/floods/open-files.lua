-- attack: opens a file again and again and never reads it
-- exit: 10
-- says: --open-limit
-- limits: --time-limit 60s
-- files: text rows.csv id\na\n
-- waits for: --open-limit
local kept = {}
while true do kept[#kept + 1] = csv("rows.csv") end
