-- attack: folds constants in bit operations and comparisons, for which 5.4.4 makes wrong code
-- exit: 0
local chunks = { "local x = ... return x | 1.0, 1 & x, x ~ 255, 3.0 << x, x >> 64, ~x", "local k <const> = 0xFF return 1 | k & 0.0",
    "return 1 // 0.0, -1 % math.huge, math.mininteger // -1, math.mininteger % -1", "local x <const> = 1.5 return x | 1",
    "return 2^53 | 1, '10' | 1, '0x10' & 0xFF" }
for _, text in ipairs(chunks) do
    local chunk = load(text)
    if chunk then pcall(chunk, 5) end
end
assert(not pcall(load("return 1 // 0")) and not pcall(load("return 1 % 0")))
assert(math.mininteger // -1 == math.mininteger)
print("held")
