-- attack: misspells names by megabytes, for which the host looks for what was meant
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 256M
local name = ("x"):rep(4 << 20)
while true do
    pcall(job, { [name] = 1 })
    pcall(job, { name = "x", effects = { name } })
    pcall(job, { name = "x", args = { [name] = { name } } })
    pcall(conomy.payments.list, { [name] = 1 })
    pcall(conomy.payments.list, { status = name })
    pcall(await, "65b0a1000000000000000202", name)
    pcall(csv, "attack.lua", { [name] = name })
end
