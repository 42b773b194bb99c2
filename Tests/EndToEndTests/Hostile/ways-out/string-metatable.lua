-- attack: changes what every string, Bursar's own included, finds as its methods
-- exit: 0
assert(getmetatable("") == nil)
assert(not pcall(function() ("x").rep = function() return "owned" end end))
assert(not pcall(setmetatable, "", {}))
assert(not pcall(rawset, "", "rep", 1))
assert(not pcall(rawset, string, "rep", 1))
assert(not pcall(function() string.rep = 1 end))
assert(("x"):rep(2) == "xx" and ("%d"):format(3) == "3")
print("held")
