-- attack: prints texts of many megabytes with control characters, each of which becomes four
-- exit: 10
-- says: -limit
-- limits: --time-limit 1s --memory-limit 256M
-- waits for: hole 3
local text = ("\1"):rep(20 << 20)
while true do pcall(fail, text) pcall(error, text) print(text) end
