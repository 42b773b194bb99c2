-- attack: raises bytes that are no UTF-8: lone surrogates, overlong forms, code points beyond Unicode, NUL
-- exit: 1
-- says: attack.lua
for _, text in ipairs { "\xff\xfe", "\xc0\x80", "\xed\xa0\x80", utf8.char(0x7fffffff), utf8.char(0x110000), "\0\0", "\xf8\x88\x80\x80\x80" } do
    log.warn(text, { [text] = text })
    print(text)
    pcall(emit, text)
    pcall(error, text)
end
error("\xed\xa0\x80\xff\0" .. utf8.char(0xd800, 0x7fffffff))
