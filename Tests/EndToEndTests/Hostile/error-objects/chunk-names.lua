-- attack: fails in code named with line breaks, escape sequences and another script's lines
-- exit: 1
-- says: stopped here
load("error('stopped here')", "=\27[31m\u{202e}\nerror: other.lua:1: other\n\r")()
