-- attack: joins what it has to itself in one long expression
-- exit: 10
-- says: --memory-limit
local text = "x"
while true do text = text .. text .. text .. text .. text .. text .. text .. text end
