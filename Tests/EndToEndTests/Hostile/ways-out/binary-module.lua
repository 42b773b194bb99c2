-- attack: requires a module of precompiled code
-- exit: 0
-- files: bytes module.lua 1b4c7561540019930d0a1a0a04080878560000000000000000000000287740
local good, problem = pcall(require, "module")
assert(not good, "it was loaded")
print("held")
