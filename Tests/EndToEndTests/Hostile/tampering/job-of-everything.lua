-- attack: declares a job with five hundred arguments and effects that repeat
-- exit: 0
-- limits: --time-limit 60s --memory-limit 256M
local arguments, effects = {}, {}
for i = 1, 500 do arguments["a" .. i] = { "text", default = "x", help = ("h"):rep(50) } end
for i = 1, 5000 do effects[i] = "payments.refund" end
local given = job { name = "everything", args = arguments, effects = effects }
assert(given.a1 == "x" and given.a500 == "x")
print("held")
