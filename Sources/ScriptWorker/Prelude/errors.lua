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

-- An error table at the script's line.
function failure(kind, message, fields)
    local err = fields or {}
    err.kind, err.message, err.location = kind, message, place()
    return setmetatable(err, error_metatable)
end

function raise(kind, message, fields)
    error(failure(kind, message, fields), 0)
end

-- Printable text: control characters, and bytes that are not UTF-8, as \xNN; at most `most` bytes.
local function escape_byte(char)
    return char == "\n" and "\\n" or format("\\x%02X", byte(char))
end

function printable(text, most)
    local cut = #text > most
    if cut then
        most = most - 1
        while most > 0 and byte(text, most + 1) & 0xC0 == 0x80 do most = most - 1 end
        text = sub(text, 1, most)
    end
    text = gsub(text, "[%c\127]", escape_byte)
    if not utf8.len(text) then
        text = gsub(text, "[\128-\255]", escape_byte)
    else
        text = gsub(text, "\194[\128-\159]", function(pair) return gsub(pair, "[\128-\255]", escape_byte) end)
    end
    return cut and text .. "..." or text
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

-- An error of any kind as a table that can be sent: kind, message, location, traceback, and what else it carried.
function report(err, place_of_error, traceback)
    local result = {}
    if type(err) == "table" then
        for _, key in ipairs(keys(err) or {}) do
            if type(key) == "string" then
                local value = rawget(err, key)
                local text = encode(value)
                if text and #text <= 65536 and encode(key) then result[key] = value end
            end
        end
    end
    local message = printable(message_of(err), 4096)
    message = gsub(message, "^%[bursar%]:%d+: ", "")
    -- Text of `error("...")` begins with the line it speaks of, which is not always the line that raised it.
    local spoken, rest = string.match(message, "^([^%c:]+:%d+): (.*)$")
    if type(err) == "string" and spoken then message, place_of_error = rest, spoken end
    if not kinds[result.kind] then result.kind = "error" end
    if type(result.location) ~= "string" then result.location = place_of_error end
    result.message, result.traceback = message, traceback and array(traceback) or nil
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
