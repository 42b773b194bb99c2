-- attack: keeps all rows of a file that is larger than its memory
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 2M
-- files: repeat rows.jsonl 10000 {"id":"0123456789012345678901234567890123456789","text":"0123456789012345678901234567890123456789"}\n
local kept = {}
for row in jsonl("rows.jsonl") do kept[#kept + 1] = { row, ("x"):rep(500) .. #kept } end
