-- attack: declares a job with two thousand arguments and effects that repeat
-- exit: 0
-- limits: --time-limit 60s --memory-limit 256M
local arguments, effects = {}, {}
for i = 1, 2000 do arguments["a" .. i] = { "text", default = "x", help = ("h"):rep(50) } end
for i = 1, 5000 do effects[i] = "payments.refund" end
local given = job { name = "everything", args = arguments, effects = effects }
assert(given.a1 == "x" and given.a2000 == "x")
print("held")
