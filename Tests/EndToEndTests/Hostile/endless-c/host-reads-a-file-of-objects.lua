-- attack: does the same with JSON lines, inside a row, caught
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
-- files: repeat rows.jsonl 400000 {"a":{"b":[1,2,3,"x"]},"c":null}\n
for_each({ 1 }, function() pcall(jsonl, "rows.jsonl") while true do end end)
