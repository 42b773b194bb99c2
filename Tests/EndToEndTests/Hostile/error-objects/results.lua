-- attack: ends with a result that cannot be sent: a function, a cycle, depth, NUL, a hole
-- exit: 1
-- says: result
local t = {}
t.t = t
return t
