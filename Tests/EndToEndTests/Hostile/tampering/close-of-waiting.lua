-- attack: makes requests where they cannot pass: in comparisons, substitutions, coroutines resumed there, and close handlers
-- exit: 0
local function refuses(fn)
    local good, problem = pcall(fn)
    assert(not good and tostring(problem):find("cannot be made", 1, true), tostring(problem))
end
refuses(function() table.sort({ 2, 1 }, function(a, b) now() return a < b end) end)
refuses(function() table.sort({ 2, 1 }, function(a, b) conomy.payments.get("x") return a < b end) end)
local co = coroutine.create(function() local t = now() coroutine.yield(t) return "after" end)
pcall(table.sort, { 2, 1 }, function(a, b)
    local good, problem = coroutine.resume(co)
    assert(not good and tostring(problem):find("cannot be made", 1, true), tostring(problem))
    return a < b
end)
local closing = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() now() end })
    coroutine.yield()
end)
coroutine.resume(closing)
local good, problem = coroutine.close(closing)
assert(good == true or tostring(problem):find("cannot be made", 1, true), tostring(problem))
print("held")
