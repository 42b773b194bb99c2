-- attack: opens a file a thousand times in a way that fails after it is open
-- exit: 0
-- limits: --time-limit 60s
-- files: text rows.csv id,amount\na,1\nb,x\n
for _ = 1, 1500 do
    local good, problem = pcall(csv, "rows.csv", { amount = "integer" })
    assert(not good and problem.kind == "invalid", problem)
    good, problem = pcall(csv, "rows.csv", { none = "integer" })
    assert(not good and problem.kind == "invalid", problem)
end
print("held")
