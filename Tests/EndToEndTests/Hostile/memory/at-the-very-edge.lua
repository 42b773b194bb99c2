-- attack: takes memory in ever smaller pieces until the last byte, catching every error on the way
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 8M
local list = {}
for size = 20, 0, -1 do
    while true do
        local good, text = pcall(string.rep, "x", 1 << size)
        if not good then break end
        list[#list + 1] = text .. #list
    end
end
pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" })
print("not reached")
