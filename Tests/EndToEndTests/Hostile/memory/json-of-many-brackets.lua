-- attack: decodes texts that grow a hundred times on the way in
-- exit: 10
-- says: --memory-limit raises it
local kept = {}
while true do kept[#kept + 1] = select(2, pcall(json.decode, "[" .. ("{},"):rep(1000000) .. "{}]")) end
