-- attack: names loops like paths, so that their result files would lie elsewhere
-- exit: 0
-- arguments: --results out.csv
-- leaves: out.csv
-- leaves: out----escaped.csv
-- leaves: out--etc-x--2J-.csv
for_each({ 1 }, { name = "first" }, function() end)
for _, name in ipairs { "../escaped", "/etc/x\27[2J\0" } do pcall(for_each, { 1 }, { name = name }, function() end) end
print("held")
