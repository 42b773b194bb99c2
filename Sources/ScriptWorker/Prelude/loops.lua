-- for_each and parallel: many tasks, whose number and order the host decides.
local _ENV <const> = ...

local guard, type, rawget = guard, type, rawget

-- The longest name of a loop, and the longest key of a row, in bytes.
local longest_name <const>, longest_key <const> = 200, 1000

-- The key of a row, as text: what makes an effect of this row the same effect in the next run.
local function key_of(row, index, key)
    if key == nil then return string.format("%d", index) end
    local value
    if type(key) == "function" then
        value = key(row, index)
    elseif type(row) == "table" then
        value = rawget(row, key)
    end
    if type(value) == "string" then
        if #value > longest_key then raise("invalid", string.format("row %d has a key of %d bytes; %d are the most", index, #value, longest_key)) end
        return value
    end
    if math.type(value) == "integer" then return string.format("%d", value) end
    raise("invalid", string.format("row %d has no key: %s is a %s, and a key is text or a whole number", index,
        type(key) == "function" and "what the key function returned" or 'its "' .. tostring(key) .. '"', type(value)))
end

local function check_key(key)
    if key ~= nil and type(key) ~= "string" and type(key) ~= "function" then
        raise("invalid", "for_each wants its key as a field's name or a function, not a " .. type(key))
    end
    return key
end

-- The loop's request that reports a row and asks for the next one. A result that cannot be sent is the row's failure.
local function next_payload(loop, done, key)
    local text, path, problem = encode({ loop = loop, done = done, key = key })
    if text then return text end
    local message = "the row's result" .. string.gsub(path, "^%.done%.value", "") .. " " .. problem
    return encode({ loop = loop, key = key,
        done = { index = done.index, ok = false, error = report(failure("invalid", printable(message, 1024))) } })
end

-- Where the rows of a loop come from: `open` is its part of the opening request, `pull` (iterators only) gives row and
-- key of the next one, and `row` gives the row for an answer of the host.
local function list_feed(list, key)
    local names = {}
    for index = 1, #list do names[index] = key_of(list[index], index, key) end
    return { open = { keys = array(names) }, row = function(answer) return list[answer.index] end }
end

local function source_feed(number, with_money)
    return { open = { source = number }, row = function(answer) return with_money(answer.row) end }
end

local function iterator_feed(iterator, key)
    local count, control, ended, lock = 0, nil, false, new_lock()
    local function step()
        local row = iterator(nil, control)
        if row == nil then return nil end
        control, count = row, count + 1
        return row, key_of(row, count, key)
    end
    return {
        open = { iterator = true },
        -- row, key | nil at the end | nil, nil, error report
        pull = function()
            take_lock(lock)
            local good, row, name, trace = true, nil, nil, nil
            if not ended then good, row, name, trace = guard(step) end
            if not good or row == nil then ended = true end
            give_lock(lock)
            if good then return row, name end
            return nil, nil, report(row, name, trace)
        end,
    }
end

local function feed_of(rows, key)
    local number, with_money = source_of(rows)
    if number then
        if key ~= nil then raise("invalid", "for_each takes the key of a file from its columns: csv(path, { key = \"...\" })") end
        return source_feed(number, with_money)
    end
    local kind = type(rows)
    if kind == "table" then return list_feed(rows, key) end
    if kind == "iterator" or kind == "function" then return iterator_feed(rows, key) end
    raise("invalid", "for_each wants a source, a list or an iterator as its first argument, not a " .. kind)
end

local option_names = { "parallel", "max_failures", "name", "key" }

-- for_each(rows, [options], fn) -> { rows, succeeded, failed }
function for_each(rows, options, fn)
    if fn == nil then options, fn = nil, options end
    if type(fn) ~= "function" then raise("invalid", "for_each wants a function as its last argument, not a " .. type(fn)) end
    options = check_options("for_each", options, option_names)
    if type(options.name) == "string" and #options.name > longest_name then
        raise("invalid", string.format("for_each was given a name of %d bytes; %d are the most", #options.name, longest_name))
    end
    local feed = feed_of(rows, check_key(options.key))
    feed.open.options = { parallel = options.parallel, max_failures = options.max_failures, name = options.name }
    local opened = request("loop.open", feed.open, "for_each")
    local loop, outer, broken = opened.loop, task(), nil

    local function run_row(answer, row)
        set_task(answer.task)
        local good, value, at, trace = guard(fn, row, answer.index)
        if good then return { index = answer.index, ok = true, value = value } end
        return { index = answer.index, ok = false, error = report(value, at, trace) }
    end

    run_together(opened.parallel, function()
        local done
        repeat
            local row, key, problem
            if feed.pull and not broken then
                row, key, problem = feed.pull()
                if problem then broken = broken or problem end
            end
            if feed.pull and row == nil and not done then return end
            local good, answer = ask("loop.next", next_payload(loop, done, key), outer)
            if not good then
                broken = broken or answer
                return
            end
            if answer.finished or broken or (feed.pull and row == nil) then return end
            if not feed.pull then row = feed.row(answer) end
            done = not answer.skip and run_row(answer, row) or nil
        until false
    end, outer)

    local good, answer = ask("loop.close", encode({ loop = loop }))
    if broken then raise_answer(broken) end
    if not good then raise_answer(answer) end
    return answer
end

local most_parallel <const> = 10000

-- parallel(f, g, ...) -> their results in that order, when all have ended; the first error of that order is raised then.
function parallel(first, ...)
    local bodies = type(first) == "table" and first or { first, ... }
    local count = #bodies
    for index = 1, count do
        if type(bodies[index]) ~= "function" then
            raise("invalid", string.format("parallel wants functions; argument %d is a %s", index, type(bodies[index])))
        end
    end
    if count == 0 then return end
    if count > most_parallel then raise("invalid", string.format("parallel takes at most %d functions, not %d", most_parallel, count)) end
    local opened, results, failed = request("parallel.open", { count = count }), {}, nil
    run_together(count, function(index)
        local good, value = pcall(bodies[index])
        if good then
            results[index] = value
        elseif not failed or index < failed then
            failed, results[index] = index, value
        end
    end, opened.tasks)
    note("parallel.close", { group = opened.group })
    if failed then error(results[failed], 0) end
    return table.unpack(results, 1, count)
end
