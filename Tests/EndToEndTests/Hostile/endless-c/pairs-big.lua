-- attack: walks a table of a million keys by next, starting over with another table each time
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 256M
local a, b = {}, {}
for i = 1, 300000 do a["k" .. i], b["k" .. i] = i, i end
local key_a, key_b
while true do
    key_a = next(a, key_a)
    key_b = next(b, key_b)
end
