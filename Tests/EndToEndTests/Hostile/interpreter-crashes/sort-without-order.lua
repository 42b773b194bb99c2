-- attack: sorts with comparisons that contradict themselves, change the list and raise
-- exit: 0
local turn = 0
for _, size in ipairs { 0, 1, 2, 3, 50, 1000, 20000 } do
    local list = {}
    for i = 1, size do list[i] = i * 7919 % 1000 end
    pcall(table.sort, list, function() return true end)
    pcall(table.sort, list, function() turn = turn + 1 return turn % 3 == 0 end)
    pcall(table.sort, list, function(a, b) list[#list + 1] = 1 list[1] = nil return a < b end)
    pcall(table.sort, list, function(a, b) for i = #list, 1, -1 do list[i] = nil end return true end)
    pcall(table.sort, list, function(a, b) error("x") end)
    pcall(table.sort, { 1, "a", {}, print, 0 / 0 })
end
pcall(table.sort, { 0 / 0, 1, 0 / 0, 2, 0 / 0, 3 })
print("held")
