-- attack: raises a table of two hundred thousand fields
-- exit: 1
-- says: many
-- limits: --memory-limit 512M --time-limit 60s
local problem = { message = "many" }
for i = 1, 200000 do problem["field" .. i] = ("v"):rep(100) end
error(problem)
