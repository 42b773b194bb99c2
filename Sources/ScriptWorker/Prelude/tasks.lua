-- Tasks: the coroutines that the worker's loop runs. A task speaks to the loop by yielding a token that no script ever
-- holds, one of the kinds below (CLuaShims.h has the same list), and what belongs to it.
local _ENV <const> = ...

local REQUEST <const>, NOTE <const>, SPAWN <const>, PARK <const>, WAKE <const>, TASK <const> = 1, 2, 3, 4, 5, 6

local token, encode, where, type, setmetatable = token, encode, where, type, setmetatable
local create, yield, running, isyieldable = coroutine.create, coroutine.yield, coroutine.running, coroutine.isyieldable

-- Every task but the first, with the place that made it. This is also what keeps them from being collected.
local live = {}

-- The script's line, "refunds.lua:12".
function place()
    return where() or live[running()] or ""
end
local place = place

-- Notes made where Lua cannot yield (inside table.sort or string.gsub): sent before the next thing that is.
local deferred = {}

local function defer(name, payload, at)
    deferred[#deferred + 1] = { name, payload, at, task() }
end

function send_deferred()
    while deferred[1] do
        local list = deferred
        deferred = {}
        for i = 1, #list do yield(token, NOTE, list[i][1], list[i][2], list[i][3], list[i][4]) end
    end
end

-- The script's coroutines that were resumed where Lua cannot yield: see coroutines.lua.
blocked = setmetatable({}, { __mode = "k" })
local blocked = blocked

-- Whether the running code can wait for the host.
function can_wait()
    return isyieldable() and not blocked[running()]
end
local can_wait = can_wait

function must_wait()
    if not can_wait() then
        raise("error", "a Bursar call cannot be made inside table.sort, string.gsub, coroutine.close or another function of Lua's that calls back;"
            .. " make it before")
    end
end

-- Sends a request whose payload is JSON already -> true, answer | false, the host's error object.
function ask(name, payload, number)
    if not can_wait() then must_wait() end
    if deferred[1] then send_deferred() end
    return yield(token, REQUEST, name, payload, place(), number)
end
local ask = ask

-- JSON of a value, or an error that names the path. `root` is the word for the whole value.
function encoded(value, root)
    local text, path, problem = encode(value)
    if text then return text end
    local argument, rest = string.match(path, "^%.args%[(%d+)%](.*)$")
    local what = argument and "argument " .. argument .. rest or (root or "value") .. path
    raise("invalid", printable(what, 512) .. " " .. problem, { path = printable(path, 512) })
end

-- The host's error object as the script's error.
function raise_answer(answer)
    if type(answer) ~= "table" then answer = { message = tostring(answer) } end
    if type(answer.kind) ~= "string" then answer.kind = "error" end
    answer.location = place()
    error(originate(answer), 0)
end

-- Sends a request and returns its answer, or raises the error that came instead.
function request(name, payload, root)
    local good, answer = ask(name, encoded(payload, root))
    if good then return answer end
    raise_answer(answer)
end

-- Tells the host something that has no answer.
function note(name, payload, root)
    local text = encoded(payload, root)
    if not can_wait() then return defer(name, text, place()) end
    if deferred[1] then send_deferred() end
    yield(token, NOTE, name, text, place())
end

-- Makes `number` what this task's requests carry.
function set_task(number)
    yield(token, TASK, number)
end

local function spawn(body, argument, number)
    local co
    co = create(function()
        body(argument)
        live[co] = nil
    end)
    live[co] = place()
    yield(token, SPAWN, co, number)
end

-- Runs body(1) ... body(count) as tasks and returns when all have ended. The body must not raise.
-- `numbers`, a list or one number, is what their requests carry.
function run_together(count, body, numbers)
    must_wait()
    local parent, left, waits = this_task(), count, false
    local function run(index)
        body(index)
        left = left - 1
        if left == 0 and waits then yield(token, WAKE, parent) end
    end
    for index = 1, count do spawn(run, index, type(numbers) == "table" and numbers[index] or numbers) end
    if left > 0 then
        waits = true
        yield(token, PARK)
    end
end

-- A lock that tasks take in the order they asked. What happens between take and give must not raise.
function new_lock()
    return { held = false, first = 1, last = 0 }
end

function take_lock(lock)
    must_wait()
    if lock.held then
        lock.last = lock.last + 1
        lock[lock.last] = this_task()
        yield(token, PARK) -- the lock is handed over held
    else
        lock.held = true
    end
end

function give_lock(lock)
    local next_task = lock[lock.first]
    if next_task == nil then
        lock.held = false
        return
    end
    lock[lock.first] = nil
    lock.first = lock.first + 1
    yield(token, WAKE, next_task)
end
