-- attack: loads code whose tables and constants take more than there is
-- exit: 10
-- says: --memory-limit
local parts = { "return {" }
for i = 1, 400000 do parts[#parts + 1] = "'c" .. i .. "'," end
parts[#parts + 1] = "}"
load(table.concat(parts))
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
