-- attack: reads files that are no CSV: NUL bytes, lone quotes, no header, repeated and empty columns, other encodings
-- exit: 0
-- files: text quote.csv id\n"a\nb\nc
-- files: bytes nul.csv 69640a610062
-- files: bytes utf16.csv fffe690064000a00
-- files: bytes latin.csv 69640ae9
-- files: text double.csv id,id\na,b\n
-- files: text blank.csv ,,\na,b,c\n
-- files: text empty.csv
-- files: text header.csv id
-- files: text ragged.csv id,x\na\nb,c,d\n
-- files: text escape.csv \u001b[2J,id\na,b\n
-- files: bytes escape.jsonl 7b22611b5b324a223a317d
-- files: text broken.jsonl {"a":\n[1,2]\n5\n"x"\n{"a":1}{"b":2}\n
-- files: text big-number.jsonl {"a":1e999999999,"b":123456789012345678901234567890,"a":2}\n
for _, name in ipairs { "quote", "nul", "utf16", "latin", "double", "blank", "empty", "header", "ragged", "escape" } do
    pcall(function() for row in csv(name .. ".csv", { key = "id" }) do emit(row) end end)
    pcall(function() for row in csv(name .. ".csv") do emit(row) end end)
end
for _, name in ipairs { "escape", "broken", "big-number" } do pcall(function() for row in jsonl(name .. ".jsonl") do emit(row) end end) end
print("held")
