-- attack: repeats keys in nested loops and parallels, so that two effects would have one key
-- exit: 0
local keys = {}
local function note() local _, problem = pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "99999999999" }) end
for _ = 1, 3 do for_each({ { id = "a/b" }, { id = "a" } }, { key = "id", name = "x" }, function(row)
    for_each({ { id = "b" }, { id = "c" } }, { key = "id", name = "x" }, note)
    parallel(note, note)
end) end
print("held")
