-- The first task: compiles and runs the script, and gives what the worker's loop reports as its end.
local _ENV <const> = ...

local function run(start)
    local body, problem = compile(start.script, start.name, script_globals)
    if not body then
        local at, message = string.match(problem, "^([^:]+:%d+): (.*)$")
        local err = failure("invalid", message or problem, { stage = "load" })
        err.location = at or start.name
        error(err, 0)
    end
    local result = body()
    if type(start.event) == "table" then hand_over(start.event) end
    return encoded(result, "the script's result")
end

return function(start)
    open_globals(start)
    local good, value, at, trace = guard(run, start)
    send_deferred()
    if good then return "finished", value end
    local failed = report(value, at, trace)
    if type(failed.location) ~= "string" or failed.location == "" then failed.location = start.name end
    return "failed", encode(failed)
end
