-- attack: hands precompiled code to load one byte at a time, so that no piece looks like it
-- exit: 0
local header, place = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8" .. string.pack("<i8d", 0x5678, 370.5), 0
local chunk = load(function()
    place = place + 1
    return header:sub(place, place)
end, "=pieces", "b")
assert(chunk == nil)
place = 0
assert(load(function()
    place = place + 1
    return header:sub(place, place)
end) == nil)
print("held")
