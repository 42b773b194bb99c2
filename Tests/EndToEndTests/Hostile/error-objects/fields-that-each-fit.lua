-- attack: raises a table whose fields each are below every bound and together above every frame
-- exit: 1
-- says: together
-- limits: --memory-limit 512M --time-limit 60s
local problem = { message = "together" }
for i = 1, 1000 do problem["field" .. i] = ("v"):rep(60000) end
error(problem)
