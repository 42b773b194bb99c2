-- attack: counts to the largest integer
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for i = math.mininteger, math.maxinteger do local x = i * i end
