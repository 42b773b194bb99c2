-- Handlers of events. A script says them; where it is run for an event, those that fit are called when the script has come to its
-- end, one after the other.
local _ENV <const> = ...

local handlers, handed_over = {}, false

-- on(name, fn): fn(event) is called for an event of this name, or for every event where it is "*".
function on(name, fn)
    if type(name) ~= "string" or name == "" then raise("invalid", "on wants an event's name as a text, not a " .. type(name)) end
    if type(fn) ~= "function" then raise("invalid", "on wants a function as its last argument, not a " .. type(fn)) end
    if handed_over then raise("invalid", "on belongs to the script itself: a handler that says it comes too late") end
    note("on", { name = name })
    handlers[#handlers + 1] = { name = name, fn = fn }
end

function hand_over(event)
    handed_over = true
    for _, handler in ipairs(handlers) do
        if handler.name == "*" or handler.name == event.type then handler.fn(event) end
    end
end
