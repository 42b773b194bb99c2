-- attack: does the same to a log in JSON, for programs that read it
-- exit: 0
-- arguments: --log-format json
-- without: \n{"forged"
log.info("x\n{\"forged\":1}\n", { time = "forged", level = "forged", message = "forged", ["\n{\"forged\":"] = "\"}" })
print("\"},\n{\"forged\":1}", "\u{202e}\27[2J")
print("held")
