-- attack: emits one value after another of nearly the largest size
-- exit: 10
-- says: -limit
-- limits: --time-limit 2s --output-limit 4M
-- waits for: --output-limit
local text = ("x"):rep(15 << 20)
while true do emit(text) end
