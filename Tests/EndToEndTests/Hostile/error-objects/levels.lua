-- attack: raises with levels that are negative, huge, and no numbers
-- exit: 1
-- says: attack.lua
for _, level in ipairs { -1, 0, 1, 2, 3, 100, math.maxinteger, math.mininteger } do pcall(error, "x", level) end
assert(not pcall(error, "x", {}))
error("last", math.maxinteger)
