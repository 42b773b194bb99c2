-- attack: raises a table with a location of its own: another file, line breaks, escape sequences
-- exit: 1
-- says: attack.lua:4
error({ message = "moved", location = "other.lua:999\n\27[2Jerror: other" })
