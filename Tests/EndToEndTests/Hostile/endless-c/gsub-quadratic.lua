-- attack: removes what is not there from a long text, trying to its end from each place
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 500ms
pcall(string.gsub, ("a"):rep(2000000), "a-b", "")
conomy.payments.refund("65b0a1000000000000000202", { amount = "1" })
