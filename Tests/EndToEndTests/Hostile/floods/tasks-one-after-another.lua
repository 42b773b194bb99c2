-- attack: starts and ends tasks for ever, outside of rows, to see what the host keeps of each
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 1s
while true do parallel(function() end, function() end, function() end) end
