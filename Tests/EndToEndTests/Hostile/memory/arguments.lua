-- attack: calls with hundreds of thousands of arguments, again and again
-- exit: 10
-- says: -limit
-- limits: --time-limit 1s
local function pass(...) return select("#", ...), ... end
local list = {}
for i = 1, 200000 do list[i] = i end
while true do pcall(pass, pass(table.unpack(list))) end
