-- attack: turns texts into a million numbers and back
-- exit: 0
local text = ("x"):rep(5000000)
pcall(string.byte, text, 1, -1)
pcall(string.char, table.unpack({}, 1, 0))
pcall(utf8.codepoint, text, 1, -1)
pcall(select, -1, pcall(string.byte, text, 1, 200000))
print("held")
