-- attack: loads from a reader that never ends
-- exit: 10
-- says: --memory-limit
load(function() return " " .. ("x"):rep(100) end)
