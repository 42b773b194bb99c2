-- attack: requires a module of two megabytes
-- exit: 0
-- files: repeat big.lua 200000 local x=1\n
local good, problem = pcall(require, "big")
assert(not good and problem.kind == "invalid", problem)
print("held")
