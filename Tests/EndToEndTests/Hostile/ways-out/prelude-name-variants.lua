-- attack: names code "@[bursar]", "[bursar]", "[bursar" and the script's own name with another line
-- exit: 1
-- says: spoken by
-- without: \n    [bursar]
local names = { "@[bursar]", "=[bursar]", "[bursar]", "=[bursar", "@ [bursar]", "@attack.lua" }
for _, name in ipairs(names) do
    local good, problem = pcall(load("error('in ' .. ...)", name), name)
    assert(not good and problem:find("in ", 1, true), problem)
    assert(not problem:find("^%[bursar%]:1: "), problem)
end
load("local f = ... f()", "=[bursar]")(function() error("spoken by the script") end)
