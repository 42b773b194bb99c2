-- attack: changes a table while pairs and next walk it, and goes on from keys that are gone
-- exit: 0
local t = {}
for i = 1, 1000 do t["k" .. i] = i end
for key in pairs(t) do t[key] = nil t["n" .. key] = 1 end
pcall(function() for key in next, t do t[key] = nil t[{}] = 1 end end)
pcall(function() for key in pairs { [{}] = 1, [{}] = 2 } do end end)
pcall(next, {}, "absent")
pcall(next, t, {})
local count = 0
for key in pairs(setmetatable({}, { __pairs = function() return function(_, n) if (n or 0) < 5 then return (n or 0) + 1 end end end })) do count = count + 1 end
assert(count == 5)
print("held")
