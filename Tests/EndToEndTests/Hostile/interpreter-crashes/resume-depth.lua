-- attack: resumes coroutines within coroutines as deep as it goes, plainly, by wrap, by iterators and in metamethods
-- exit: 0
-- limits: --memory-limit 256M
local function by_resume(depth)
    local good, problem = coroutine.resume(coroutine.create(by_resume), depth + 1)
    if not good then error(problem, 0) end
end
local function by_wrap(depth) return coroutine.wrap(by_wrap)(depth + 1) end
local function by_for(depth) for _ in coroutine.wrap(function() by_for(depth + 1) coroutine.yield(1) end) do end end
local trap = {}
setmetatable(trap, { __index = function(_, key) return coroutine.wrap(function() return trap[key + 1] end)() end })
for _, fn in ipairs { by_resume, by_wrap, by_for, function() return trap[1] end } do assert(not pcall(fn, 1)) end
print("held")
