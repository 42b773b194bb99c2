-- attack: raises nothing
-- exit: 1
-- says: nil
error()
