-- attack: repeats nothing with a separator of nothing
-- exit: 0
-- limits: --time-limit 2s
local good, text = pcall(string.rep, "", math.maxinteger, "")
assert(not good or text == "")
print("held")
