-- attack: closes variables in every order that loses the stack's place: yields, errors, gotos, breaks, many at once
-- exit: 0
local log_of = {}
local function guard(name, fn) return setmetatable({}, { __close = function(_, problem) log_of[#log_of + 1] = name if fn then fn(problem) end end }) end
local function many(n) local g <close> = guard(n) if n > 0 then return many(n - 1) end return n end
pcall(many, 180)
local co = coroutine.wrap(function()
    for i = 1, 100 do
        local a <close> = guard(i, function() coroutine.yield(i) end)
        local b <close> = guard(-i, function() error("b" .. i) end)
        if i % 3 == 0 then error("thrown") end
        if i % 2 == 0 then goto continue end
        ::continue::
    end
end)
for _ = 1, 50 do pcall(co) end
for _ in function() end, nil, nil, guard("for") do break end
pcall(function() for i in next, { 1, 2, 3 }, nil, guard("g", error) do error(i) end end)
local function values(...) local g <close> = guard("v", function() local t = { table.unpack({}, 1, 1000) } end) return ... end
for n = 0, 200 do assert(select("#", values(table.unpack({}, 1, n))) == n) end
pcall(load("local x <close> = 5"))
pcall(load("local x <close> = setmetatable({}, {}) return x"))
print("held")
