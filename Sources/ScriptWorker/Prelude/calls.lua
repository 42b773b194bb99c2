-- What a script asks of Bursar, one function each. Every one is a request or a note; none does anything itself.
local _ENV <const> = ...

local select, type = select, type

-- Arguments as a list: trailing nils are dropped, nils before the last value are null.
local function arguments(...)
    local count = select("#", ...)
    while count > 0 and (select(count, ...)) == nil do count = count - 1 end
    local list = array({ ... })
    for index = 1, count do
        if list[index] == nil then list[index] = null end
    end
    return list
end

local function caller(operation)
    return function(...)
        return request("call", { op = operation, args = arguments(...) })
    end
end

local function eacher(operation)
    return function(...)
        return open_each(operation, arguments(...))
    end
end

-- Puts `value` at "payments.links.create" beneath `tree`.
local function plant(tree, name, value)
    local parent, leaf = string.match(name, "^(.*)%.([^.]+)$")
    for part in string.gmatch(parent or "", "[^.]+") do
        tree[part] = tree[part] or {}
        tree = tree[part]
    end
    tree[leaf or name] = value
end

-- `conomy`, from the names of its operations and of those that list.
function build_conomy(operations, lists)
    local tree = {}
    for _, name in ipairs(operations) do plant(tree, name, caller(name)) end
    for _, name in ipairs(lists) do
        local each = string.match(name, "^(.*)%.list$")
        plant(tree, each and each .. ".each" or name .. "_each", eacher(name))
    end
    local function seal_tree(branch, name)
        for key, value in pairs(branch) do
            if type(value) == "table" then branch[key] = seal_tree(value, name .. "." .. key) end
        end
        return seal(branch, name)
    end
    return seal_tree(tree, "conomy")
end

function emit(value)
    note("emit", value == nil and null or value, "the emitted value")
end

-- The longest message and the most fields of one log record, in bytes.
local MOST_LOGGED <const> = 65536

-- What is logged must never be what ends a run: fields that cannot be sent are left out, and the record says why.
local function loggable(fields)
    local text, path, problem = encode(fields)
    if not text then return { left_out = printable("fields" .. path .. " " .. problem, 1024) } end
    if #text > MOST_LOGGED then return { left_out = string.format("%d bytes of fields; the most is %d", #text, MOST_LOGGED) } end
    return fields
end

local function logger(level)
    return function(message, fields)
        if fields ~= nil and type(fields) ~= "table" then
            raise("invalid", "log." .. level .. " wants its fields as a table, not a " .. type(fields))
        end
        note("log", { level = level, message = printable(tostring(message), MOST_LOGGED), fields = fields and loggable(fields) }, "log")
    end
end

log = { debug = logger("debug"), info = logger("info"), warn = logger("warn"), error = logger("error") }

function print(...)
    local texts, room = {}, MOST_LOGGED
    for index = 1, select("#", ...) do
        local text = tostring((select(index, ...)))
        texts[index] = room > 0 and printable(text, room > 3 and room or 3) or ""
        room = room - #texts[index] - 1
        if room <= 0 then break end
    end
    note("log", { level = "print", message = table.concat(texts, "\t") })
end

function now() return request("now", {}) end

function uuid() return request("uuid", {}) end

-- random(): a float in [0, 1); random(high): 1 to high; random(low, high).
function random(low, high)
    if low ~= nil and high == nil then low, high = 1, low end
    if low ~= nil then
        local first, last = math.tointeger(low), math.tointeger(high)
        if not first or not last then raise("invalid", "random wants whole numbers") end
        if first > last then raise("invalid", string.format("random has nothing to choose from %d to %d", first, last)) end
        low, high = first, last
    end
    return request("random", { low = low, high = high })
end

function sleep(duration)
    if type(duration) ~= "number" and type(duration) ~= "string" then
        raise("invalid", 'sleep wants seconds, or text like "250ms" or "10m", not a ' .. type(duration))
    end
    request("sleep", { seconds = duration }, "sleep")
end

function await(object, status, options)
    options = check_options("await", options, { "timeout", "every" })
    return request("await", { object = object, status = status, options = options }, "await")
end

-- The longest name of a step, in bytes.
local LONGEST_STEP <const> = 200

-- step(name, fn): what fn returned, now or in an earlier run of this job.
function step(name, fn)
    if type(name) ~= "string" or name == "" then raise("invalid", "step wants its name as a text, not a " .. type(name)) end
    if #name > LONGEST_STEP then
        raise("invalid", string.format("step was given a name of %d bytes; %d are the most", #name, LONGEST_STEP))
    end
    if type(fn) ~= "function" then raise("invalid", "step wants a function as its last argument, not a " .. type(fn)) end
    local known = request("step.get", { name = name })
    if known.found then return money_again(known.value) end
    local value = fn()
    -- What is returned went the way that it goes in a later run.
    return money_again(request("step.put", { name = name, value = value }, "the step's result").value)
end

function fail(message, fields)
    raise("failed", message == nil and "the script failed" or tostring(message), { fields = fields })
end
