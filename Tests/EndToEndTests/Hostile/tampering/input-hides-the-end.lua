-- attack: catches an invalid file, so that the error that ends the script is told as that
-- exit: 1
-- says: the real end
-- files: text rows.csv n\nx\n
-- waits for: hole 12
assert(not pcall(csv, "rows.csv", { n = "integer" }))
error("the real end")
