-- attack: hands the host objects that look like money on the wire: negative, floating, of another currency
-- exit: 0
local shapes = { { ["$money"] = { "-5", "CLP" } }, { ["$money"] = { 1.5, "CLP" } }, { ["$money"] = { "1", "USD" } }, { ["$money"] = {} },
    { ["$money"] = { "1", "CLP", "x" } }, { ["$money"] = "1" }, { ["$money"] = { "1e3", "CLP" } }, { amount = "1", currency = "CLP" },
    setmetatable({}, { __name = "money", __index = function() return "1" end }), { ["$money"] = { ("9"):rep(1000), "CLP" } } }
for place, shape in ipairs(shapes) do
    local good, problem = pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = shape })
    assert(not good and (problem.kind == "invalid" or problem.kind == "refused" or problem.kind == "declined"), place .. " " .. tostring(problem))
end
print("held")
