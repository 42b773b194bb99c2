-- attack: asks for texts whose length does not fit a number
-- exit: 0
assert(not pcall(string.rep, "xx", math.maxinteger))
assert(not pcall(string.rep, "x", math.maxinteger, "yy"))
assert(not pcall(string.rep, ("x"):rep(1000), math.maxinteger // 2))
print("held")
