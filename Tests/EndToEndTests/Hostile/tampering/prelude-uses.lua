-- attack: hopes that Bursar's own Lua uses names that a script can set: error, type, tostring, ipairs in _ENV, __index of _G
-- exit: 0
local _ENV = setmetatable({ real = _G }, { __index = _G })
function error() return "owned" end
function type() return "string" end
function tostring() return "owned" end
function rawget() return "owned" end
string = { format = function() return "owned" end }
local good, problem = pcall(conomy.payments.get)
assert(not good and problem.kind == "invalid" and problem.message ~= "owned")
assert(select("#", pcall(real.fail, "x")) == 2)
print("held")
