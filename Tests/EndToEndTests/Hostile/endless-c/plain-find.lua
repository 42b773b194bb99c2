-- attack: finds a long text that differs in its last character from every place of another
-- exit: 0
-- limits: --time-limit 15s
assert(not string.find(("a"):rep(400000), ("a"):rep(200000) .. "b", 1, true))
print("held")
