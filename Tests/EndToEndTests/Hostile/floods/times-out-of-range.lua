-- attack: sleeps and awaits for times that are negative, infinite, no numbers, and larger than any clock
-- exit: 0
for _, span in ipairs { -1, -0.0001, 0 / 0, math.huge, -math.huge, math.mininteger, "1e308", "-1", "", "x", "1e9d", "9223372036854775807d", "9223372036854775807",
    "99999999999999999999999999", "0x10", ".", "1.", ".5", "1.9999s", "31d", "1.5.5s", ("9"):rep(100000), "١s", {}, null, true, "1 s", "ms" } do
    local good, problem = pcall(sleep, span)
    assert(not good or span == "1." or span == ".5", tostring(span))
    pcall(await, "65b0a1000000000000000202", "SETTLED", { timeout = span, every = span })
end
assert(not pcall(sleep) and not pcall(sleep, print))
sleep(0) sleep("0ms") sleep(0.001)
print("held")
