-- attack: calls functions that each take a moment on ten megabytes, for ever
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
local text = ("x"):rep(10 << 20)
while true do pcall(string.reverse, text) pcall(string.upper, text) pcall(string.len, text) pcall(utf8.len, text) end
