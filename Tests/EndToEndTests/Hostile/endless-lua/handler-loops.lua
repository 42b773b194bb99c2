-- attack: never leaves the handler of an error
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
xpcall(error, function() while true do end end, "x")
