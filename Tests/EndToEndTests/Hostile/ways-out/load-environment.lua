-- attack: loads code with environments of its own, hoping that what lies behind _ENV is Bursar's
-- exit: 0
assert(load("return io", "x", "t", {})() == nil)
assert(not pcall(load("return io", "x", "t", nil)))
assert(load("return _ENV")() == _G)
local env = setmetatable({}, { __index = function(_, key) return key end })
assert(load("return token", "x", "t", env)() == "token")
assert(not pcall(load("upper = 1", "x", "t", string)))
assert(not pcall(load("pairs = 1", "x", "t", _G)))
for _, name in ipairs { "token", "raise", "request", "encode", "opaque", "peek", "guard", "failure", "sealed", "modules", "builtins" } do
    assert(not pcall(load("return " .. name)), name)
end
print("held")
