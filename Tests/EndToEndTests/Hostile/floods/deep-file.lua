-- attack: reads JSON lines nested a hundred thousand deep
-- exit: 3
-- files: repeat rows.jsonl 100000 [
for row in jsonl("rows.jsonl") do emit(row) end
