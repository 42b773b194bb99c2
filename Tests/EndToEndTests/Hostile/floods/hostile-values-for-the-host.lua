-- attack: calls operations with numbers out of range, deep and cyclic tables, functions, and texts that are no texts
-- exit: 0
-- limits: --memory-limit 256M --time-limit 60s
local cycle = {}
cycle.self = cycle
local values = { math.mininteger, math.maxinteger, 0 / 0, math.huge, -0.0, 1e308, 2 ^ 63, cycle, print, coroutine.running(), "\0", "\xff", ("x"):rep(100000), {}, array {},
    null, true, { { { {} } } }, money("1", "CLP"), { [1] = 1, x = 2 }, { [1.5] = 1 }, { [-1] = 1 }, csv, utf8.char(0xd800), { ["\0"] = "\0" } }
local reach = { conomy.payments.get, conomy.payments.list, conomy.payments.create, conomy.payments.refund, conomy.accounts.list, conomy.payments.each }
for _, call in ipairs(reach) do
    for _, value in ipairs(values) do
        pcall(call, value)
        pcall(call, "65b0a1000000000000000999", value)
        pcall(call, { limit = value, page = value, status = value, amount = value })
        pcall(call, "65b0a1000000000000000999", { amount = value, reason = value, metadata = value })
        pcall(call, value, value, value, value)
    end
end
for _, value in ipairs(values) do pcall(await, value, value, value) pcall(await, { id = value }, "SETTLED") pcall(for_each, { value }, { key = "x" }, print) end
print("held")
