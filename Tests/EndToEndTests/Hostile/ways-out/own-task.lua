-- attack: resumes, closes and wraps the coroutine that it runs in, which is Bursar's
-- exit: 0
local own, main = coroutine.running()
assert(main == true)
assert(not coroutine.resume(own))
assert(not pcall(coroutine.close, own))
assert(coroutine.status(own) == "running")
assert(not coroutine.isyieldable())
local inner = coroutine.wrap(function()
    assert(coroutine.status(own) == "normal")
    assert(not coroutine.resume(own))
    assert(not pcall(coroutine.close, own))
    return "inner"
end)
assert(inner() == "inner")
print("held")
