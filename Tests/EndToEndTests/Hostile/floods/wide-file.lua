-- attack: reads a file with a hundred thousand columns
-- exit: 0
-- limits: --time-limit 60s
-- files: repeat rows.csv 50000 c,
local good, problem = pcall(function() for row in csv("rows.csv") do emit(row) end end)
print("held")
