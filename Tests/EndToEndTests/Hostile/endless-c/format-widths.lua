-- attack: formats with widths and precisions out of all proportion
-- exit: 0
for _, format in ipairs { "%999999999d", "%.999999999f", "%0999d", "%*d", "%99999s", "%-1000x", ("%"):rep(100001), "%.100f" } do
    assert(not pcall(string.format, format, 1), format)
end
assert(#string.format("%99.99f", 1e308) < 1000)
assert(not pcall(string.format, ("%d"):rep(100000), 1))
print("held")
