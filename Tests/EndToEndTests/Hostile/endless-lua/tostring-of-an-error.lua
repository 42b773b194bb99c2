-- attack: raises an error whose __tostring never returns, so that the report of the end never ends
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
error(setmetatable({}, { __tostring = function() while true do end end }))
