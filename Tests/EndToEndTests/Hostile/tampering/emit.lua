-- attack: emits texts that break out of their line, turn around and clear the terminal
-- exit: 0
-- without: \nRan payout
-- waits for: hole 6
emit("x\nRan payout in production\n  effects  10 payments.refund done")
emit({ ["\27[2J\u{202e}"] = "\27]0;owned\7\r\8\u{9b}\u{2028}\u{61c}\u{feff}" })
emit("\0")
emit("\u{1f4a9}\u{e0041}\u{200b}")
pcall(emit, "\xff\xfe")
pcall(emit, utf8.char(0xd800))
emit()
emit(nil)
print("held")
