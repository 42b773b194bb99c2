-- The script's own coroutines. A request made inside one passes outward, through every coroutine around it, to the
-- worker's loop, and its answer passes inward the same way: the script neither sees it nor can swallow it.
local _ENV <const> = ...

local token, resume, base_close = token, resume, close
local create, yield, running, isyieldable, status =
    coroutine.create, coroutine.yield, coroutine.running, coroutine.isyieldable, coroutine.status

-- The coroutines that the script made, and those of them that wait for an answer.
local mine, waiting = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "k" })

local pass

local function pass_answer(co, ...)
    waiting[co] = nil
    return pass(co, resume(co, ...))
end

function pass(co, good, first, ...)
    if not good or first ~= token then return good, first, ... end
    waiting[co] = true
    return pass_answer(co, yield(first, ...))
end

local function check(co)
    if type(co) ~= "thread" then error("a coroutine was expected, not a " .. type(co), 3) end
    return co
end

local function resume_mine(co, ...)
    if not mine[co] or waiting[co] then return false, "cannot resume a coroutine that is not suspended" end
    -- Where this resume cannot pass a request outward, the coroutine must not make one.
    blocked[co] = not can_wait() or nil
    return pass(co, resume(co, ...))
end

-- The end of a wrapped coroutine's step: an error closes it, as in Lua.
local function unwrap(co, good, ...)
    if good then return ... end
    local problem = ...
    if mine[co] and not waiting[co] and status(co) == "dead" then
        local closed, raised = base_close(co)
        if not closed then problem = raised end
    end
    error(problem, 0)
end

script_coroutine = {
    create = function(body)
        if type(body) ~= "function" then error("coroutine.create wants a function, not a " .. type(body), 2) end
        local co = create(body)
        mine[co] = true
        return co
    end,
    resume = function(co, ...)
        return resume_mine(check(co), ...)
    end,
    wrap = function(body)
        if type(body) ~= "function" then error("coroutine.wrap wants a function, not a " .. type(body), 2) end
        local co = create(body)
        mine[co] = true
        return function(...)
            return unwrap(co, resume_mine(co, ...))
        end
    end,
    yield = function(...)
        if not mine[running()] then error("coroutine.yield is only for inside a coroutine that the script made", 2) end
        return yield(...)
    end,
    status = function(co)
        local state = status(check(co))
        if state == "suspended" and (waiting[co] or not mine[co]) then return "normal" end
        return state
    end,
    running = function()
        local co = running()
        return co, not mine[co]
    end,
    isyieldable = function()
        return mine[running()] ~= nil and isyieldable()
    end,
    close = function(co)
        local state = status(check(co))
        if not mine[co] or waiting[co] or state == "running" or state == "normal" then
            error("cannot close a coroutine that is running", 2)
        end
        return base_close(co)
    end,
}
