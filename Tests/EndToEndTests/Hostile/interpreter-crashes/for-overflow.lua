-- attack: counts over the ends of numbers
-- exit: 0
local n = 0
for i = math.maxinteger - 2, math.maxinteger do n = n + 1 end
for i = math.mininteger + 2, math.mininteger, -1 do n = n + 1 end
for i = 1, 0 do n = n + 1 end
for i = 1.0, 3.5, 0.5 do n = n + 1 end
for i = math.maxinteger, math.maxinteger + 1.0, math.maxinteger do n = n + 1 break end
for i = 1, math.huge do n = n + 1 if i > 3 then break end end
for i = 3, 1, math.mininteger do n = n + 1 end
assert(not pcall(load("for i = 1, 2, 0 do end")) and not pcall(load("for i = 'a', 2 do end")) and not pcall(load("for i = 1, {} do end")))
assert(n > 6)
print("held")
