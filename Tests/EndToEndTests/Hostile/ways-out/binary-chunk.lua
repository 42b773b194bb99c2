-- attack: loads precompiled code, which the interpreter does not check
-- exit: 0
local header = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8" .. string.pack("<i8d", 0x5678, 370.5)
for _, mode in ipairs { "t", "b", "bt", "tb", "" } do
    for _, text in ipairs { header, header .. ("\0"):rep(64), "\27", "\27Lua" } do
        local chunk, problem = load(text, "x", mode)
        assert(chunk == nil and type(problem) == "string")
    end
end
assert(load(header) == nil)
print("held")
