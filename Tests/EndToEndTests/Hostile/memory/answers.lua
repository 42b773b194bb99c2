-- attack: keeps every answer of the API until there is no more
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 4M
local kept = {}
while true do
    local good, value = pcall(conomy.payments.list, {})
    kept[#kept + 1] = value
    for i = 1, 100 do kept[#kept + 1] = { value, i } end
end
