-- Rows from outside: CSV and JSON lines files, which the host reads, and the pages of a list operation.
local _ENV <const> = ...

local peek, type, rawget = peek, type, rawget

source_metatable = { __name = "source", __metatable = false }
iterator_metatable = { __name = "iterator", __metatable = false }

-- Gives a row its money: `money_of.columns` maps an amount column to its currency column, or to { code = "USD" }; `money_of.order`
-- lists them.
local function with_money(row, money_of)
    for _, column in ipairs(money_of.order) do
        local amount, currency = row[column], money_of.columns[column]
        if type(amount) == "string" and amount ~= "" then
            currency = type(currency) == "table" and currency.code or row[currency]
            row[column] = money(amount, currency)
        end
    end
    return row
end

-- The host's number for a source, and the function that gives its rows their money; nothing for another value.
function source_of(value)
    local number, columns = peek(value, source_metatable)
    if not number then return nil end
    return number, function(row) return with_money(row, columns) end
end

local function open_source(kind, path, columns)
    if type(path) ~= "string" then raise("invalid", kind .. " wants the file's path as text, not a " .. type(path)) end
    local answer = request(kind .. ".open", { path = path, columns = columns }, kind)
    local money_columns = type(answer.money) == "table" and answer.money or {}
    local money_of = { columns = money_columns, order = keys(money_columns) }
    return opaque(source_metatable, answer.source, money_of, { rows = {}, place = 0, done = false, lock = new_lock() })
end

function csv(path, columns) return open_source("csv", path, columns) end

function jsonl(path, columns) return open_source("jsonl", path, columns) end

-- The next of a buffer that `fill` refills; nil at the end. One task at a time: the others wait in line.
local function take(buffer, field, name, payload)
    take_lock(buffer.lock)
    local failed
    while buffer.place == #buffer.rows and not buffer.done and not failed do
        local good, answer = ask(name, payload) -- cannot raise: the lock is only taken where a task can wait
        if good then
            buffer.rows, buffer.place, buffer.done = answer[field], 0, answer.done == true
        else
            failed = answer
        end
    end
    local row
    if not failed and buffer.place < #buffer.rows then
        buffer.place = buffer.place + 1
        row = buffer.rows[buffer.place]
    end
    give_lock(buffer.lock)
    if failed then raise_answer(failed) end
    return row
end

function source_metatable.__call(source)
    local number, columns, buffer = peek(source, source_metatable)
    local row = take(buffer, "rows", "source.next", encode({ source = number }))
    if row ~= nil then return with_money(row, columns) end
end

function iterator_metatable.__call(iterator)
    local number, buffer = peek(iterator, iterator_metatable)
    return take(buffer, "items", "each.next", encode({ each = number }))
end

-- All items of a list operation, page after page.
function open_each(operation, arguments)
    local answer = request("each.open", { op = operation, args = arguments })
    return opaque(iterator_metatable, answer.each, { rows = {}, place = 0, done = false, lock = new_lock() })
end
