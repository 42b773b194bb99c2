-- attack: asks for ids and random numbers out of every range
-- exit: 0
for _ = 1, 500 do uuid() random() random(6) end
for _, range in ipairs { { math.mininteger, math.maxinteger }, { 0, math.maxinteger }, { math.mininteger }, { math.maxinteger }, { -1, 0 }, { 5, 5 } } do
    pcall(random, range[1], range[2])
end
for _, range in ipairs { { 1.5 }, { 0 / 0 }, { math.huge }, { "6" }, { 2, 1 }, { 0 }, { nil, 5 }, { {}, {} }, { 2 ^ 53 + 1, 2 ^ 63 } } do
    pcall(random, range[1], range[2])
end
assert(math.type(random(math.mininteger, math.maxinteger)) == "integer")
print("held")
