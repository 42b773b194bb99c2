-- attack: raises a table with escape sequences in every field that is shown, and in the names of fields
-- exit: 1
-- says: attack.lua
-- waits for: hole 6
local text = "\27[2J\27]0;owned\7\r\8\u{9b}31m\u{202e}\u{2066}\u{200f}\u{feff}\u{2028}\u{61c}"
error({ message = text, hint = text, kind = text, code = text, path = text, operation = text, type = text, detail = text, trace_id = text,
    [text] = text, traceback = { text, text }, status = text })
