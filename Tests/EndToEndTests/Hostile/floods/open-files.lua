-- attack: opens a file again and again and never reads it
-- exit: 10
-- says: --open-limit
-- files: text rows.csv id\na\n
local kept = {}
while true do kept[#kept + 1] = csv("rows.csv") end
