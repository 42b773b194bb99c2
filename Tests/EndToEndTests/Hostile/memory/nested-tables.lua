-- attack: nests tables ten million deep, so that collecting them is deep, too
-- exit: 10
-- says: --memory-limit
local t = {}
while true do t = { t } end
