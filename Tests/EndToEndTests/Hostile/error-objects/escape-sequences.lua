-- attack: raises text that clears the screen, sets the title, turns text around and writes over the line
-- exit: 1
-- says: attack.lua
-- waits for: hole 6
error("\27[2J\27]0;owned\7\r\8\8\8\b\127\u{9b}31m\u{202e}txt.exe\u{2066}\u{2069}\u{200f}\u{feff}\u{2028}\u{2029}\u{61c}\0end")
