-- attack: makes and drops ten gigabytes in small pieces while it keeps just below its limit
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 700ms
local kept = {}
for i = 1, 100 do kept[i] = ("x"):rep(100000) .. i end
local n = 0
while true do
    n = n + 1
    kept[n % 100 + 1] = ("x"):rep(100000) .. n
end
