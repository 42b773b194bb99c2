-- Code from text: load, and require, whose files the host reads beneath the script's folder.
local _ENV <const> = ...

local load_text, type = load, type

-- Compiles a script's file; `name` is what errors call it.
function compile(text, name, environment)
    -- "#!/usr/bin/env ..." as a first line is for the system; here it is a comment, so that lines keep their numbers.
    if string.byte(text) == 35 then text = "--" .. text end
    return load_text(text, "@" .. name, environment)
end

-- load(text or function, [name], [mode], [environment])
function script_load(chunk, name, mode, ...)
    if type(chunk) == "function" then
        local pieces = {}
        for piece in chunk do
            if piece == "" then break end
            if type(piece) ~= "string" then return nil, "reader function must return a string" end
            pieces[#pieces + 1] = piece
        end
        chunk = table.concat(pieces)
    end
    if type(chunk) ~= "string" then error("load wants text, not a " .. type(chunk), 2) end
    if mode ~= nil and mode ~= "t" and mode ~= "bt" then return nil, "only text can be loaded" end
    -- Never the prelude's own name: its frames are hidden.
    local called = type(name) == "string" and string.match(name, "^[@=](.*)$") or "load"
    if called == "[bursar]" then called = "load" end
    called = printable(called, 64)
    local environment = script_globals
    if select("#", ...) > 0 then environment = ... end
    return load_text(chunk, "=" .. called, environment)
end

-- name -> { value } when loaded, { by, waiting } while a task loads it.
local modules = {}

local function load_module(name)
    local good, answer = ask("require", encoded({ name = name }, "require"))
    if not good then raise_answer(answer) end
    local body, problem = compile(answer.source, answer.name, script_globals)
    if not body then error(problem, 0) end
    local value = body(name)
    if value == nil then value = true end
    return value
end

function require(name)
    if type(name) ~= "string" then raise("invalid", "require wants a module's name as text, not a " .. type(name)) end
    local entry = modules[name]
    if entry and entry.by == this_task() then
        raise("error", 'require goes in a circle: "' .. printable(name, 200) .. '" is being loaded already')
    end
    if not entry then
        entry = { by = this_task(), lock = new_lock() }
        modules[name] = entry
        take_lock(entry.lock)
        local good, value = pcall(load_module, name)
        entry.by = nil
        if good then
            entry.value = value
        else
            modules[name] = nil
        end
        give_lock(entry.lock)
        if not good then error(value, 0) end
        return value
    end
    if entry.by then
        take_lock(entry.lock)
        give_lock(entry.lock)
        if entry.value == nil then return require(name) end
    end
    return entry.value
end
