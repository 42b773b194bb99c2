-- attack: walks texts with spurious continuation bytes, truncated and overlong characters by utf8 functions
-- exit: 0
for _, text in ipairs { "\x80", "a\x80", "\xbf\xbf", "\xf4", "\xe2\x82", "\xfd\xbf\xbf\xbf\xbf\xbf", "\xfe", ("\x80"):rep(100000), "\u{7FFFFFFF}" } do
    pcall(function() for _, code in utf8.codes(text) do end end)
    pcall(function() for _, code in utf8.codes(text, true) do end end)
    pcall(utf8.len, text) pcall(utf8.codepoint, text, 1, -1) pcall(utf8.offset, text, -1)
    for _, place in ipairs { 0, -1, 2, math.maxinteger, math.mininteger } do
        pcall(utf8.len, text, place) pcall(utf8.offset, text, place) pcall(utf8.offset, text, 1, place) pcall(utf8.codepoint, text, place, place)
        pcall(utf8.offset, text, place, place)
    end
end
for _, code in ipairs { -1, 1 << 31, math.maxinteger } do assert(not pcall(utf8.char, code)) end
local step, text, place = utf8.codes("abc")
for _, wrong in ipairs { -1, math.maxinteger, math.mininteger, 100 } do pcall(step, "abc", wrong) end
print("held")
