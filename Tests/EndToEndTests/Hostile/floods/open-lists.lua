-- attack: opens lists of the API for ever and never reads one
-- exit: 10
-- says: --open-limit
-- limits: --time-limit 60s
-- waits for: --open-limit
while true do conomy.payments.each {} end
