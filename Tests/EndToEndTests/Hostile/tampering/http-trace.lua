-- attack: sends line breaks, escape sequences and megabytes where every request is logged
-- exit: 0
-- arguments: --trace-http --log-level trace
-- without: \nforged
for _, text in ipairs { "\27[2J\u{202e}\r\nforged", "x\nforged: 1", ("x"):rep(1 << 20), "\u{9b}31m" } do
    pcall(conomy.payments.get, text)
    pcall(conomy.payments.list, { status = text, search = text })
    pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "99999999", reason = text })
end
print("held")
