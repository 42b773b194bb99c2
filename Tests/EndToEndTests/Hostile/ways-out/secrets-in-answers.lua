-- attack: searches every answer and every error of the API for credentials and tokens
-- exit: 0
-- arguments: --trace-http --log-level trace
local function search(value, path, seen)
    if type(value) == "string" then
        assert(not value:lower():find("bearer", 1, true) and not value:find("^ey[%w_-]+%."), path)
    elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for key, inner in pairs(value) do search(inner, path .. "." .. tostring(key), seen) end
    end
end
local calls = {
    function() return conomy.payments.get("65b0a1000000000000000202") end,
    function() return conomy.payments.list {} end,
    function() return conomy.payments.get("65b0a1000000000000000999") end,
    function() return conomy.payments.refund("65b0a1000000000000000202", { amount = "99999999" }) end,
    function() return conomy.accounts.list {} end,
}
for place, call in ipairs(calls) do
    local _, value = pcall(call)
    search(value, tostring(place), {})
    emit(value)
end
print("held")
