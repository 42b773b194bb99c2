-- attack: raises a table with a traceback of its own
-- exit: 1
-- says: attack.lua:5
-- without: forged-frame
error({ message = "moved", traceback = { "forged-frame", "forged-frame" } })
