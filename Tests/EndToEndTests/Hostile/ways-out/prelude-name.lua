-- attack: names its code like Bursar's own, so that its frames are hidden from the error
-- exit: 1
-- says: attack.lua:5
local chunk = load("local f = ... f()", "=[bursar]")
chunk(function() error("from the script") end)
