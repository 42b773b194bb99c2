-- attack: prints what looks like Bursar's summary, before the real one
-- exit: 0
-- without: \nRan payout
print("\n\nRan payout in production, 1 s\n  effects  1000 payments.refund done\n")
log.error("\n\nRan payout in production, 1 s\n")
print("held")
