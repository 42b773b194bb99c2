-- What a script sees: an allow list, built up from nothing. Tables of ours are sealed; a name that is not there is an
-- error that says what is near, or what to use instead.
local _ENV <const> = ...

local rawset, rawget, type = rawset, rawget, type

-- Sealed table -> what it shows.
local sealed = setmetatable({}, { __mode = "k" })

local instead = {
    os = "use now() for the time and sleep() to wait; a script has no access to the system",
    io = "use csv() or jsonl() to read, and emit() to give results; a script has no files",
    debug = "an error's table has its location, and an uncaught one its traceback",
    package = "use require(name) for files beneath the script's folder",
    dofile = "use require(name) for files beneath the script's folder",
    loadfile = "use require(name) for files beneath the script's folder",
    collectgarbage = "memory is collected by itself and bounded by the run's limit",
    unpack = "it is table.unpack in Lua 5.4",
    loadstring = "it is load in Lua 5.4",
    setfenv = "load takes an environment in Lua 5.4",
    module = "return a table from the file, and require it",
    ["math.randomseed"] = "random numbers come from the run, so that it can be repeated",
    ["math.pow"] = "write x ^ y",
    ["string.dump"] = "code is loaded from text only",
    ["table.getn"] = "write #list",
}

local function no_such(full_name, name, names)
    local advice = instead[full_name]
    return full_name .. " does not exist in a Bursar script" .. (advice and ": " .. advice or did_you_mean(name, names))
end

-- A table that shows `content` and cannot be changed, replaced or looked behind.
function seal(content, name)
    local shown = {}
    sealed[shown] = content
    setmetatable(content, {
        __index = function(_, key)
            raise("invalid", no_such(name .. "." .. printable(tostring(key), 80), key, content))
        end,
    })
    return setmetatable(shown, {
        __index = content,
        __newindex = function(_, key)
            raise("invalid", string.format("%s.%s cannot be set: %s is Bursar's", name, printable(tostring(key), 80), name))
        end,
        __pairs = function()
            local step = pairs(content) -- and not the content itself, which comes with it
            return step
        end,
        __metatable = false,
        __name = name,
    })
end

-- Lua's functions, made safe

local function script_getmetatable(value)
    local found = getmetatable(value)
    if found == false then return nil end
    return found
end

-- What a script may not have in a metatable. Made when the script begins: the texts that this file was compiled with are others
-- then (libraries.c), and these are the script's.
local refused_fields

local function script_setmetatable(value, metatable)
    if type(value) ~= "table" then error("setmetatable wants a table, not a " .. type(value), 2) end
    if type(metatable) == "table" then
        for _, name in ipairs(refused_fields) do
            if rawget(metatable, name) ~= nil then
                error("setmetatable refuses " .. name .. ": when memory is collected differs from run to run", 2)
            end
        end
    elseif metatable ~= nil then
        error("setmetatable wants a table or nil as its second argument, not a " .. type(metatable), 2)
    end
    if metafield(value, "__metatable") ~= nil then error("setmetatable cannot change a protected metatable", 2) end
    return setmetatable(value, metatable)
end

local function script_rawset(table, key, value)
    if type(table) ~= "table" then error("rawset wants a table, not a " .. type(table), 2) end
    if sealed[table] ~= nil or (table == script_globals and rawget(builtins, key) ~= nil) then
        raise("invalid", printable(tostring(key), 80) .. " cannot be set: it is Bursar's")
    end
    return rawset(table, key, value)
end

local function script_xpcall(body, handler, ...)
    -- The handler runs after the stack is unwound: while it is being unwound nothing could stop it.
    local function finish(good, ...)
        if good then return true, ... end
        -- An error of the handler is the result, as in Lua.
        local _, result = pcall(handler, (...))
        return false, result
    end
    return finish(pcall(body, ...))
end

local function copy(table)
    local result = {}
    for key, value in pairs(table) do result[key] = value end
    return result
end

-- The sealed table of everything a script finds without having made it.
local function build_builtins()
    local script_string, script_table, script_math = copy(string), copy(table), copy(math)
    script_table.sort = sort
    script_math.random = random
    local result = {
        assert = assert, error = error, ipairs = ipairs, pairs = pairs, next = next, pcall = pcall, xpcall = script_xpcall,
        select = select, tonumber = tonumber, tostring = tostring, type = type, rawequal = rawequal, rawget = rawget,
        rawlen = rawlen, rawset = script_rawset, setmetatable = script_setmetatable, getmetatable = script_getmetatable,
        load = script_load, print = print, require = require, _VERSION = "Lua 5.4",
        math = seal(script_math, "math"), string = seal(script_string, "string"), table = seal(script_table, "table"),
        utf8 = seal(copy(utf8), "utf8"), coroutine = seal(script_coroutine, "coroutine"),
        csv = csv, jsonl = jsonl, for_each = for_each, parallel = parallel, emit = emit, log = seal(log, "log"), now = now,
        uuid = uuid, random = random, sleep = sleep, await = await, step = step, on = on, money = money, null = null, array = array,
        fail = fail, json = seal(json, "json"),
    }
    string_methods(copy(script_string))
    return result
end

-- A script's global variables: its own are in the table itself, ours behind it.
local function build_globals()
    local globals = {}
    builtins._G = globals
    setmetatable(builtins, {
        __index = function(_, key)
            local advice = type(key) == "string" and instead[key]
            raise("invalid", advice and key .. " does not exist in a Bursar script: " .. advice or string.format('there is no variable "%s"%s', printable(tostring(key), 80), did_you_mean(key, copy(globals))))
        end,
    })
    return setmetatable(globals, {
        __index = builtins,
        __newindex = function(_, key, value)
            if rawget(builtins, key) ~= nil then
                raise("invalid", string.format('"%s" is Bursar\'s; choose another name, or make it local', tostring(key)))
            end
            rawset(globals, key, value)
        end,
        __pairs = function()
            local all = copy(builtins)
            for _, key in ipairs(keys(globals) or {}) do all[key] = rawget(globals, key) end
            local step = pairs(all)
            return step
        end,
        __metatable = false,
        __name = "_G",
    })
end

-- Sets `builtins` and `script_globals` for one run.
-- An argument is written `{ "file", help = "..." }`; what travels is `{ type = "file", help = "..." }`.
local function spell_out(description)
    local args = rawget(description, "args")
    if type(args) ~= "table" then return description end
    local copy, spelt = {}, {}
    -- By `keys`: a walk within a walk makes `next` sort again at each step.
    local fields_of_job, names = keys(description), keys(args)
    if not fields_of_job or not names then return description end -- keys that cannot be sent: the request says so
    for _, key in ipairs(fields_of_job) do copy[key] = rawget(description, key) end
    for _, name in ipairs(names) do
        local argument = rawget(args, name)
        if type(argument) == "table" and type(rawget(argument, 1)) == "string" and rawget(argument, "type") == nil then
            local fields = { type = argument[1] }
            for _, key in ipairs(keys(argument) or {}) do
                if key ~= 1 then fields[key] = rawget(argument, key) end
            end
            argument = fields
        end
        spelt[name] = argument
    end
    copy.args = spelt
    return copy
end

function open_globals(start)
    local prefix = "__"
    refused_fields = { prefix .. "gc", prefix .. "mode" }
    if type(start.currencies) == "table" then currencies = start.currencies end
    if type(start.default_exponent) == "number" then default_exponent = start.default_exponent end
    builtins = build_builtins()
    builtins.conomy = build_conomy(start.operations or {}, start.lists or {})
    builtins.args = type(start.args) == "table" and start.args or {}
    function builtins.job(description)
        if type(description) ~= "table" then raise("invalid", "job wants a table: job { name = ..., args = { ... } }") end
        builtins.args = request("job", spell_out(description), "job")
        return builtins.args
    end
    script_globals = build_globals()
end
