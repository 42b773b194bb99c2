-- Errors as a script sees them: tables with a kind, a message and the script's line; and any error value as a report
-- that is safe to print. `_ENV` is the core table that all files of the prelude share and no script can reach.
local _ENV <const> = ...

local base_tostring, rawget, type, metafield = tostring, rawget, type, metafield
local gsub, byte, format, sub = string.gsub, string.byte, string.format, string.sub

-- tostring without addresses: two runs of one script must not differ by where a table lay.
function tostring(value)
    local kind = type(value)
    if kind == "string" then return value end
    if kind == "number" or kind == "boolean" or kind == "nil" then return base_tostring(value) end
    if kind == "function" or kind == "thread" then return kind end
    local convert = metafield(value, "__tostring")
    if convert ~= nil then
        local text = convert(value)
        if type(text) ~= "string" then error("'__tostring' must return a string", 2) end
        return text
    end
    local name = metafield(value, "__name")
    return type(name) == "string" and name or kind
end

error_metatable = {
    __metatable = false,
    __name = "error",
    __tostring = function(err)
        local place, message = rawget(err, "location"), tostring(rawget(err, "message"))
        return type(place) == "string" and place ~= "" and place .. ": " .. message or message
    end,
}

-- The errors that are Bursar's own, with what they say of themselves: a script can change their fields, or make a table that
-- looks like one, and still not choose what the run ends with.
local origins = setmetatable({}, { __mode = "k" })

function originate(err)
    origins[err] = { kind = err.kind, code = err.code, stage = err.stage }
    return setmetatable(err, error_metatable)
end

-- An error table at the script's line.
function failure(kind, message, fields)
    local err = fields or {}
    err.kind, err.message, err.location = kind, message, place()
    return originate(err)
end

function raise(kind, message, fields)
    error(failure(kind, message, fields), 0)
end

-- At most `most` bytes of a text, cut between characters.
local function cut(text, most)
    if #text <= most then return text end
    most = most - 3
    while most > 0 and byte(text, most + 1) & 0xC0 == 0x80 do most = most - 1 end
    return sub(text, 1, most) .. "..."
end

local function escape_byte(char)
    return char == "\n" and "\\n" or format("\\x%02X", byte(char))
end

local function escape_all(text)
    return (gsub(text, "[\128-\255]", escape_byte))
end

-- Printable text of at most `most` bytes: control characters, marks that turn text around or cannot be seen, and bytes that are
-- not UTF-8 become \xNN. The host's output has the same list.
function printable(text, most)
    text = gsub(cut(text, most), "[%c\127]", escape_byte)
    if not utf8.len(text) then
        text = escape_all(text)
    else
        text = gsub(text, "\194[\128-\159]", escape_all)                     -- U+0080 to U+009F
        text = gsub(text, "\216\156", escape_all)                            -- U+061C
        text = gsub(text, "\226\128[\142\143\168-\174]", escape_all)         -- U+200E, U+200F, U+2028 to U+202E
        text = gsub(text, "\226\129[\166-\169]", escape_all)                 -- U+2066 to U+2069
        text = gsub(text, "\239\187\191", escape_all)                        -- U+FEFF
    end
    return cut(text, most)
end

local kinds = { invalid = true, refused = true, declined = true, in_doubt = true, unreachable = true, credentials = true, failed = true, error = true }

local function message_of(err)
    if type(err) == "nil" then return "the script raised nil" end
    if type(err) == "table" then
        local message = rawget(err, "message")
        if type(message) == "string" then return message end
        if metafield(err, "__tostring") == nil then
            local text = encode(err)
            return "the script raised a table" .. (text and " " .. text or "")
        end
    end
    local good, text = pcall(tostring, err)
    return good and text or "the script raised a " .. type(err) .. " whose __tostring fails"
end

-- Bounds of a report: with its traceback it stays below 64 KiB.
local MOST_FIELDS <const>, MOST_FIELD_BYTES <const> = 64, 32768

-- What is copied before all else.
local first_fields = { "kind", "location", "status", "code", "type", "detail", "trace_id", "operation", "path" }
local never_copied = { message = true, traceback = true }
for _, name in ipairs(first_fields) do never_copied[name] = true end

-- Copies the fields of an error table that can be sent and that fit; the others are counted in `left_out`.
local function add_fields(result, err)
    local room, left_out = MOST_FIELD_BYTES, 0
    local function add(name)
        local plain = type(name) == "string" and #name <= 256 and printable(name, 256) == name
        local value = plain and rawget(err, name)
        local text = plain and encode({ { { [name] = value } } }) -- as deep as it will lie in what is sent
        if text and #text <= room then
            room = room - #text
            result[name] = value
        else
            left_out = left_out + 1
        end
    end
    for _, name in ipairs(first_fields) do
        if rawget(err, name) ~= nil then add(name) end
    end
    local names = keys(err) or {}
    for index, name in ipairs(names) do
        if index > MOST_FIELDS then
            left_out = left_out + #names - MOST_FIELDS
            break
        end
        if not never_copied[name] then add(name) end
    end
    if left_out > 0 then result.left_out = left_out end
end

-- An error of any kind as a table that can be sent: kind, message, location, traceback, and what else it carried.
function report(err, place_of_error, traceback)
    local result = {}
    if type(err) == "table" then add_fields(result, err) end
    local message = printable(message_of(err), 4096)
    message = gsub(message, "^%[bursar%]:%d+: ", "")
    -- Text of `error("...")` begins with the line it speaks of, which is not always the line that raised it.
    local spoken, rest = string.match(message, "^([^%c:]+:%d+): (.*)$")
    if type(err) == "string" and spoken then message, place_of_error = rest, spoken end
    if not kinds[result.kind] then result.kind = "error" end
    local origin = type(err) == "table" and origins[err]
    result.bursar = origin and true or nil
    if origin then result.kind, result.code, result.stage = origin.kind, origin.code, origin.stage end
    if type(result.location) ~= "string" then result.location = place_of_error end
    if result.location then result.location = printable(result.location, 256) end
    result.message, result.traceback = message, nil
    if traceback then
        result.traceback = array()
        for index, line in ipairs(traceback) do result.traceback[index] = printable(line, 256) end
    end
    return result
end

-- "did you mean": the nearest of the names, when one is near. `names` is a list or a table keyed by name.
local function distance(a, b)
    local previous, before = {}, {}
    for j = 0, #b do previous[j] = j end
    for i = 1, #a do
        local current = { [0] = i }
        for j = 1, #b do
            local cost = byte(a, i) == byte(b, j) and 0 or 1
            local best = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
            if i > 1 and j > 1 and byte(a, i) == byte(b, j - 1) and byte(a, i - 1) == byte(b, j) then
                best = math.min(best, before[j - 2] + 1)
            end
            current[j] = best
        end
        before, previous = previous, current
    end
    return previous[#b]
end

function did_you_mean(name, names)
    if type(name) ~= "string" or #name > 64 then return "" end
    local best, best_distance = nil, math.max(1, #name // 3) + 1
    for _, key in ipairs(keys(names)) do
        local candidate = type(key) == "number" and names[key] or key
        if type(candidate) == "string" and #candidate <= 64 then
            local a, b = string.lower(name), string.lower(candidate)
            local d = distance(a, b)
            if d > 1 and #a > 2 and #b > 2 and (sub(a, 1, #b) == b or sub(b, 1, #a) == a) then d = 1 end
            if d < best_distance then best, best_distance = candidate, d end
        end
    end
    return best and '; did you mean "' .. best .. '"?' or ""
end

-- Refuses an options table with a field that is not one of `names` (a list).
function check_options(what, options, names)
    if options == nil then return {} end
    if type(options) ~= "table" then raise("invalid", what .. " wants its options as a table, not a " .. type(options)) end
    local known = {}
    for _, name in ipairs(names) do known[name] = true end
    for _, key in ipairs(keys(options) or { "?" }) do
        if not known[key] then
            raise("invalid", format('%s has no option "%s"%s', what, printable(tostring(key), 64), did_you_mean(key, names)))
        end
    end
    return options
end
