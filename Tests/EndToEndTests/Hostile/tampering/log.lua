-- attack: forges lines of the log: line breaks, times, levels, fields with Bursar's own names, and no text at all
-- exit: 0
-- without: \n2026-01-01T00:00:00.000Z
-- without: at=forged
-- without: row=forged
-- waits for: hole 9
for _, write in ipairs { log.info, log.warn, log.error, print } do
    write("x\n2026-01-01T00:00:00.000Z ERROR forged\r\n2026-01-01T00:00:00.000Z INFO  forged")
    write("x\u{85}2026\u{2028}2026\u{2029}2026\v\f")
end
log.info("fields", { at = "forged", row = "forged", ["a\n2026-01-01T00:00:00.000Z b"] = "x\ny", [" at=forged row=forged"] = "z" })
log.info(nil)
log.info({}, {})
log.info(setmetatable({}, { __tostring = function() return "\27[2J" end }))
for _, fields in ipairs { 5, "x", true, print } do assert(not pcall(log.info, "x", fields)) end
pcall(log.info, "x", { f = print })
pcall(log.info, setmetatable({}, { __tostring = error }))
print(nil, 1, {}, print, null)
print()
print("held")
