-- attack: goes on with a gmatch that ended with "pattern too complex" (5.4.4 forgets how deep it was)
-- exit: 0
local step = string.gmatch(("a"):rep(300000), ("a?"):rep(300000))
for _ = 1, 50 do pcall(step) end
step = string.gmatch(("x"):rep(1000), (".-"):rep(250) .. "(" .. ("x?"):rep(30) .. ")y")
step = string.gmatch(("("):rep(5000), ("%b()?"):rep(10))
for _ = 1, 3 do pcall(step) end
print("held")
