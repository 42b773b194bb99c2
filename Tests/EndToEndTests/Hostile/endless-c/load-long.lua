-- attack: loads forty megabytes of statements, which the compiler reads without a pause
-- exit: 10
-- says: -limit
-- limits: --time-limit 300ms --memory-limit 512M
local text = ("x=1 "):rep(10 << 20)
while true do pcall(load, text) end
