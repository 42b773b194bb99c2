-- attack: changes a file argument after the operator's file was allowed
-- exit: 0
-- files: text rows.csv id\na\n
-- arguments: input=rows.csv
job { name = "changed", args = { input = { "file" } } }
args.input = "/etc/passwd"
assert(not pcall(csv, args.input))
args.input = "../outside.csv"
assert(not pcall(csv, args.input))
print("held")
