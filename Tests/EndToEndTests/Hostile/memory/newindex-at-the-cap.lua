-- attack: reaches the end of memory inside __newindex, at the instruction that sets a field
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 8M
local store = {}
local trap = setmetatable({}, { __newindex = function(_, key, value) store[#store + 1] = { key, value, key .. "x" } end })
local count = 0
while true do
    count = count + 1
    pcall(function() trap["k" .. count] = ("v"):rep(count % 300) end)
end
