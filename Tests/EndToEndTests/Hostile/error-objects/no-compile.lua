-- attack: is no Lua, with escape sequences at the place of the error
-- exit: 3
-- says: attack.lua:4
local x = = "[2J‮"
