-- attack: loads ever deeper expressions, functions, blocks and calls
-- exit: 0
for _, depth in ipairs { 10, 150, 190, 210, 1000, 100000 } do
    for _, text in ipairs { ("("):rep(depth) .. "1" .. (")"):rep(depth), "return " .. ("{"):rep(depth) .. ("}"):rep(depth),
        ("do "):rep(depth) .. ("end "):rep(depth), "return " .. ("function() return "):rep(depth) .. "1 " .. ("end "):rep(depth),
        "return " .. ("- "):rep(depth) .. "1", "return " .. ("not "):rep(depth) .. "1", "return " .. ("2^"):rep(depth) .. "1",
        "return " .. ("'a'.."):rep(depth) .. "'a'", "f" .. ("()"):rep(depth), "return a" .. (".b"):rep(depth),
        ("if x then "):rep(depth) .. ("end "):rep(depth), ("while x do "):rep(depth) .. ("end "):rep(depth),
        "return " .. ("a["):rep(depth) .. "1" .. ("]"):rep(depth) } do
        load(text)
    end
end
print("held")
