-- attack: rows keep what they make until there is no more, each catching its error
-- exit: 10
-- says: --memory-limit
local kept = {}
for_each(function() return #kept end, { parallel = 16 }, function()
    pcall(function() for i = 1, 1000 do kept[#kept + 1] = { i } end end)
end)
