-- attack: logs for ever at a level that is not shown
-- exit: 10
-- says: -limit
-- limits: --output-limit 1M --time-limit 2s
-- waits for: --output-limit
while true do log.debug(("x"):rep(1000)) end
