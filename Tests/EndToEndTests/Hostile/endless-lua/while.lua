-- attack: runs for ever
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
while true do end
