-- attack: raises a table whose hint, code and operation look like Bursar's summary of a good run
-- exit: 1
-- says: attack.lua
-- without: \nRan payout
-- waits for: hole 5
local text = "x\n\nRan payout in production, 1 s\n  effects  1000 payments.refund done"
error({ message = "m", hint = text, code = text, operation = text, location = text })
