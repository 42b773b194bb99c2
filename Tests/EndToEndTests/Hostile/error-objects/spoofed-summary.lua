-- attack: raises text that looks like Bursar's summary of a good run
-- exit: 1
-- says: attack.lua
-- without: \nRan payout
error("x\n\nRan payout in production, 1 s\n  effects  1000 payments.refund done")
