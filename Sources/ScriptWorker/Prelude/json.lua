-- json.encode and json.decode: texts and values by the rules of calls and answers (null, the array mark, exact numbers). Money goes
-- out as it does from `emit`, and comes in as the table that it is in JSON.
local _ENV <const> = ...

local encode, decode, pcall, type = encode, decode, pcall, type

json = {}

function json.encode(value)
    local text, path, problem = encode(value, true)
    if text then return text end
    raise("invalid", printable("json.encode: the value" .. path, 512) .. " " .. problem, { path = printable(path, 512) })
end

function json.decode(text)
    if type(text) ~= "string" then raise("invalid", "json.decode wants text, not a " .. type(text)) end
    local good, value = pcall(decode, text)
    if good then return value end
    if type(value) == "string" then raise("invalid", "json.decode: " .. value) end
    error(value, 0)
end
