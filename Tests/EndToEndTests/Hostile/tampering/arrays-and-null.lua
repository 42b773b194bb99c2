-- attack: changes what marks arrays and what null is
-- exit: 0
local a = array { 1, 2 }
assert(getmetatable(a) == nil and not pcall(setmetatable, a, {}))
assert(not pcall(function() null.x = 1 end) and not pcall(setmetatable, null, {}))
assert(not pcall(array, string) or true)
assert(not pcall(array, setmetatable({}, { __metatable = 1 })))
assert(not pcall(array, 5))
local fake = setmetatable({}, { __array = true })
array(fake)
pcall(emit, fake)
emit(array {})
assert(type(null) == "null" and tostring(null) ~= nil)
print("held")
