-- attack: repeats the empty string a quintillion times, which takes no memory
-- exit: 0
-- limits: --time-limit 2s
local good, text = pcall(string.rep, "", 1 << 60)
assert(not good or text == "")
print("held")
