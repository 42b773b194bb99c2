-- attack: logs lines whose fields are large, for ever
-- exit: 10
-- says: --output-limit
-- limits: --output-limit 1M
-- waits for: --output-limit
while true do log.warn("x", { field = ("f"):rep(20000), other = { a = { b = ("g"):rep(5000) } } }) end
