-- attack: catches what its coroutines yield while Bursar's requests pass through them, to see and to forge them
-- exit: 0
local function nest(depth)
    if depth == 0 then
        local moment = now()
        coroutine.yield("mine")
        return moment
    end
    local inner = coroutine.wrap(function() return nest(depth - 1) end)
    local first = inner()
    assert(first == "mine", "a request was seen")
    coroutine.yield(first)
    return inner()
end
local co = coroutine.create(function() return nest(40) end)
local good, value = coroutine.resume(co)
assert(good and value == "mine", value)
good, value = coroutine.resume(co)
assert(good and type(value) == "string" and value:match("^%d%d%d%d%-"), value)
print("held")
