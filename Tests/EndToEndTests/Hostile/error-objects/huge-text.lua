-- attack: raises a text of thirty megabytes
-- exit: 1
-- says: attack.lua
error(("x"):rep(30 << 20))
