-- attack: has many tasks wait at once with requests of five megabytes each
-- exit: 10
-- says: -limit
-- limits: --time-limit 2s --memory-limit 256M
local text, bodies = ("x"):rep(5 << 20), {}
for i = 1, 200 do bodies[i] = function() while true do pcall(conomy.payments.list, { search = text }) pcall(sleep, text) pcall(await, text, text) end end end
parallel(bodies)
