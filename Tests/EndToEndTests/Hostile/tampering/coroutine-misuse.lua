-- attack: resumes, closes and wraps what is running, dead, itself, or no coroutine
-- exit: 0
for _, name in ipairs { "resume", "close", "status", "create", "wrap" } do
    for _, value in ipairs { 5, "x", {}, null, true } do assert(not pcall(coroutine[name], value), name) end
    assert(not pcall(coroutine[name]), name)
end
local co
co = coroutine.create(function()
    assert(not coroutine.resume(co))
    assert(not pcall(coroutine.close, co))
    assert(coroutine.isyieldable())
    local self, main = coroutine.running()
    assert(self == co and main == false)
    coroutine.yield(1)
end)
assert(coroutine.resume(co) and coroutine.resume(co) and not coroutine.resume(co))
assert(coroutine.close(co) and coroutine.status(co) == "dead")
local wrapped
wrapped = coroutine.wrap(function() return pcall(wrapped) end)
assert(wrapped() == false)
assert(not pcall(wrapped))
assert(not pcall(coroutine.yield))
print("held")
