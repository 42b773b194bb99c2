-- attack: has hundreds of calls wait for their turn at a slow rate when the limit comes
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
-- arguments: --rate 2
local calls = {}
for i = 1, 300 do calls[i] = function() pcall(conomy.payments.get, "65b0a1000000000000000202") end end
calls[#calls + 1] = function() sleep("20ms") while true do end end
parallel(calls)
