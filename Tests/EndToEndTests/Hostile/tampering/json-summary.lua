-- attack: does with a summary in JSON what it does with one in words: texts that break out of it
-- exit: 1
-- says: attack.lua
-- arguments: --json
-- without: \n{"ok":
emit("\"}\n{\"ok\":true}")
log.info("\n{\"ok\":true}")
pcall(for_each, { { id = "\"},\n{\"ok\":true}\27[2J\u{202e}" } }, { key = "id", name = "x" }, function() error("\"\n{\"ok\":true}\27[2J\u{9b}") end)
error({ message = "\"}\n{\"ok\":true}\27[2J\u{202e}", hint = "\"}\n{\"ok\":true}" })
