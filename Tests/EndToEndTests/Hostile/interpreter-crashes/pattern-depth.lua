-- attack: matches patterns that recurse as deep as their length
-- exit: 0
local text = ("a"):rep(300000)
for _, pattern in ipairs { ("a?"):rep(300000), ("(a"):rep(32) .. (")"):rep(32), ("(a)"):rep(33), ("a-"):rep(50) .. "$", ("%f[a]"):rep(100000) } do
    pcall(string.find, text:sub(1, 1000), pattern)
    pcall(string.match, text:sub(1, 1000), pattern)
    pcall(string.gsub, text:sub(1, 1000), pattern, "%0")
end
for _, pattern in ipairs { "%", "[", "[^", "[%", "(", ")", "%b", "%f", "(()", "%1", "[a-", "[]", "%g(", "(%1)" } do
    assert(not pcall(string.match, "abc", pattern), pattern)
end
print("held")
