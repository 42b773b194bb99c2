-- attack: declares columns with names and types that Bursar's own code uses, and of the wrong kind
-- exit: 0
-- files: text rows.csv order,code,key,__index,n\n10,CLP,k,x,1\n20,CLP,l,y,2\n
-- waits for: hole 15
for _, columns in ipairs { 5, "x", { order = 5 }, { order = {} }, { none = "text" }, { order = "money(" }, { order = "money(none)" },
    { order = "one_of()" }, { order = ("text"):rep(10000) }, { [1] = "text" }, { order = "money(order)" }, { key = {} }, { [{}] = 1 } } do
    pcall(csv, "rows.csv", columns)
end
print("declared")
local sum = money("0", "CLP")
for row in csv("rows.csv", { order = "money(code)", __index = "text", n = "integer" }) do sum = sum + row.order end
assert(sum == money("30", "CLP"), sum)
print("held")
