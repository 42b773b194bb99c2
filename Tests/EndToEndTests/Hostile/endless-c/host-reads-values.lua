-- attack: sends the host values of many megabytes that are hard to read: numbers, escapes, depth, many fields
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 512M
local values = { ("9"):rep(8 << 20), ("\1"):rep(2 << 20), {}, {}, {} }
for i = 1, 300000 do values[3]["k" .. i], values[4][i], values[5][i] = i, i + 0.1, {} end
while true do
    for _, value in ipairs(values) do
        pcall(conomy.payments.create, value)
        pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = value, metadata = value })
        pcall(money, value, "CLP")
        pcall(sleep, value)
        pcall(emit, value)
    end
end
