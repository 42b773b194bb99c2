-- attack: prints for ever
-- exit: 10
-- says: --output-limit
-- limits: --output-limit 1M
-- waits for: --output-limit
while true do print("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx") end
