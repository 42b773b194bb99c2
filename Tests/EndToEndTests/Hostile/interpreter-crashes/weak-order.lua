-- attack: keeps millions of references from all sides while tables grow and shrink
-- exit: 10
-- says: -limit
-- limits: --time-limit 700ms
local t, n = {}, 0
while true do
    n = n + 1
    t[n % 1000] = { t[(n * 7) % 1000], n }
    if n % 50 == 0 then t[(n * 3) % 1000] = nil end
    if n % 10000 == 0 then t = { t[1] } end
end
