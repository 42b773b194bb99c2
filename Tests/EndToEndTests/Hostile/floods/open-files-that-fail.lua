-- attack: opens a file hundreds of times in a way that fails after it is open
-- exit: 0
-- limits: --open-limit 3
-- files: text rows.csv id,amount\na,1\nb,x\n
for _ = 1, 200 do
    local good, problem = pcall(csv, "rows.csv", { amount = "integer" })
    assert(not good and problem.kind == "invalid", problem)
    good, problem = pcall(csv, "rows.csv", { none = "integer" })
    assert(not good and problem.kind == "invalid", problem)
end
print("held")
