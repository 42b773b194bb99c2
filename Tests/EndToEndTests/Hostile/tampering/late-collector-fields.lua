-- attack: gives a metatable __mode and __gc after it was set, to see when memory is collected
-- exit: 0
local m, ran = {}, false
local t = setmetatable({}, m)
m.__mode = "kv"
rawset(m, "__gc", function() ran = true end)
t[1], t[{}] = {}, {}
for i = 1, 200 do local _ = ("x"):rep(100000) .. i end
local count = 0
for _ in pairs(t) do count = count + 1 end
assert(count == 2 and not ran)
print("held")
