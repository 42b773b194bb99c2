-- attack: fills the result file with formulas, line breaks and quotes through keys, reasons and results
-- exit: 6
-- says: held
-- arguments: --results out.csv
-- leaves: out.csv
local rows = { { id = "=cmd|' /C calc'!A0" }, { id = "+1" }, { id = "\"\n\"" }, { id = "@x\r\n" }, { id = "a,b" } }
for_each(rows, { key = "id" }, function(row)
    if row.id == "+1" then error("=1+1\n\"x\",,") end
    return { [row.id] = row.id, a = "=1+1" }
end)
print("held")
