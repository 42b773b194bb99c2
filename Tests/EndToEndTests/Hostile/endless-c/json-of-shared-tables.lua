-- attack: encodes a table that stands in itself a huge number of times, without end
-- exit: 10
-- says: --time-limit raises it
local t = {}
for _ = 1, 60 do t = { t, t } end
while true do pcall(json.encode, t) end
