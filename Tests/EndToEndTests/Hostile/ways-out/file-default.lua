-- attack: names a file as the default of its own argument, as if the operator had given it
-- exit: 0
-- without: id,id
-- waits for: hole 1
local arguments = job { name = "default", args = { input = { "file", default = "../outside.csv" } } }
local good, problem = pcall(function()
    for row in csv(arguments.input, { key = "id" }) do print(row.id) end
end)
assert(not good, "a file that nobody named was read")
print("held")
