-- attack: has string.format and table functions call a __tostring that never returns
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
pcall(string.format, "%s", setmetatable({}, { __tostring = function() while true do end end }))
