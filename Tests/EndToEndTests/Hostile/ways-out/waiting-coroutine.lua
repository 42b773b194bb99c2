-- attack: one row resumes and closes a coroutine of another row that waits for an answer, with an answer of its own
-- exit: 0
local shared
local results = {}
parallel(function()
    shared = coroutine.create(function() sleep("30ms") return now() end)
    results.good, results.value = coroutine.resume(shared)
end, function()
    sleep("5ms")
    assert(coroutine.status(shared) == "normal", coroutine.status(shared))
    local good, problem = coroutine.resume(shared, true, "forged")
    assert(not good and problem:find("cannot resume", 1, true), problem)
    assert(not pcall(coroutine.close, shared))
end)
assert(results.good and results.value ~= "forged" and results.value:match("^%d%d%d%d"), results.value)
print("held")
