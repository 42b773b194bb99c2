-- attack: packs and measures with formats of a million options and sizes that overflow
-- exit: 0
-- limits: --time-limit 15s
assert(string.packsize(("i8"):rep(100000)) == 800000)
for _, format in ipairs { "i17", "s99", ("!16 i16 "):rep(1000) .. "z", "c" .. math.maxinteger, "c99999999999999999999", "Xz" } do
    assert(not pcall(string.packsize, format) or #format > 1000, format)
end
assert(not pcall(string.packsize, ("c1000000000"):rep(10)))
assert(not pcall(string.unpack, "c1000000000", "x"))
assert(not pcall(string.unpack, "s8", "\xff\xff\xff\xff\xff\xff\xff\x7f"))
assert(not pcall(string.unpack, "i4", "xxxx", math.maxinteger))
print("held")
