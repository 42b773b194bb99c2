-- attack: rows pass each other their coroutines and resume, close and answer those that wait for an answer
-- exit: 0
local tasks, tried = {}, 0
local loop = for_each({ 1, 2, 3, 4 }, { parallel = 4 }, function(row)
    tasks[row] = coroutine.running()
    sleep("10ms")
    for other, task in ipairs(tasks) do
        if other ~= row then
            assert(not coroutine.resume(task, true, "forged"))
            assert(not pcall(coroutine.close, task))
            tried = tried + 1
        end
    end
    assert(type(now()) == "string")
end)
assert(loop.succeeded == 4 and tried >= 12, tried)
print("held")
