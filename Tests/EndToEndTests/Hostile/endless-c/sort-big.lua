-- attack: sorts half a million texts that differ at their ends only, again and again
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 256M
local lead, list = ("x"):rep(200), {}
for i = 1, 300000 do list[i] = lead .. (i * 7919 % 300000) end
while true do
    pcall(table.sort, list)
    pcall(table.sort, list, function(a, b) return a > b end)
end
