-- attack: replaces Bursar's functions by rawset, in every table of Bursar's
-- exit: 0
local before = { print = print, pcall = pcall, refund = conomy.payments.refund, rep = string.rep, info = log.info }
for _, target in ipairs { string, table, math, utf8, coroutine, log, conomy, conomy.payments } do
    for _, name in ipairs { "refund", "rep", "info", "insert", "new", "resume" } do
        assert(not pcall(rawset, target, name, print))
    end
end
for name in pairs(_G) do
    if name ~= "before" then assert(not pcall(rawset, _G, name, error), name) end
end
assert(print == before.print and conomy.payments.refund == before.refund and string.rep == before.rep and log.info == before.info)
print("held")
