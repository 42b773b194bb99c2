-- attack: reaches the end of memory at the instruction after __newindex, again and again, caught
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 4M
local t = setmetatable({}, { __newindex = function(self, key, value) rawset(self, key, value .. key) end })
for i = 1, math.maxinteger do
    pcall(function() t["key" .. i] = ("v"):rep(i % 100) t[i] = {} t[{}] = t end)
end
