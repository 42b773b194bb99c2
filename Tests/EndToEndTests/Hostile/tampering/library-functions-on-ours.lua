-- attack: has table functions write into Bursar's tables
-- exit: 0
for _, target in ipairs { string, table, math, utf8, coroutine, log, conomy, conomy.payments } do
    pcall(table.insert, target, print)
    pcall(table.insert, target, 1, print)
    pcall(table.move, { print, print }, 1, 2, 1, target)
    pcall(table.sort, target)
    pcall(table.remove, target)
    pcall(table.move, target, 1, 5, 2)
    pcall(setmetatable, target, {})
    pcall(array, target)
    assert(rawlen(target) == 0 and rawget(target, 1) == nil)
    assert(not pcall(function() return target[1] end) or target[1] == nil)
end
print("held")
