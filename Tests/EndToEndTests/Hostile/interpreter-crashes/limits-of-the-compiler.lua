-- attack: compiles functions with too many locals, upvalues, constants, parameters, registers, jumps and lines
-- exit: 0
-- limits: --memory-limit 512M --time-limit 60s
local function list(n, fn) local t = {} for i = 1, n do t[i] = fn(i) end return table.concat(t, ",") end
local chunks = { "local " .. list(201, function(i) return "a" .. i end), "return function(" .. list(255, function(i) return "a" .. i end) .. ") end",
    "f(" .. list(300, function(i) return "x" end) .. ")", "return {" .. list(70000, function(i) return i .. ".5" end) .. "}",
    list(300, function(i) return "a" .. i end) .. " = 1", "local a = " .. ("a.b."):rep(1000) .. "c", "goto x " .. ("do end "):rep(100000) .. "::x::",
    "while true do " .. ("x = x + 1 "):rep(100000) .. "end", ("\n"):rep(1 << 20) .. "error()", "return " .. ("("):rep(180) .. "..." .. (")"):rep(180),
    "return '" .. ("\\z"):rep(100000) .. "'", "return '" .. ("\\u{7FFFFFFF}"):rep(10000) .. "'", "return \"" .. ("\\x"):rep(10), "--[" .. ("="):rep(100000) .. "[",
    "return [" .. ("="):rep(100000) .. "[x]" .. ("="):rep(100000) .. "]", "return 0x" .. ("f"):rep(100000), "return 1e" .. ("9"):rep(150), "x = }", "\27", "#!x\n\27Lua" }
local up = {}
for i = 1, 256 do up[i] = "local a" .. i .. " = 1 " end
chunks[#chunks + 1] = "do " .. table.concat(up, "", 1, 150) .. " function g() " .. table.concat(up, "", 151, 256):gsub("local ", "local ") .. " return a1 end end"
for place, text in ipairs(chunks) do
    local chunk = load(text)
    if chunk and place ~= 8 then pcall(chunk) end
end
print("held")
