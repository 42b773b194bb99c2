-- attack: reads a file with one field of two megabytes
-- exit: 3
-- files: repeat rows.csv 200000 0123456789
for row in csv("rows.csv") do print(#row.id) end
