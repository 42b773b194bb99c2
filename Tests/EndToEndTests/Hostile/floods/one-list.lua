-- attack: gives for_each a list of twenty thousand rows with keys of nine hundred bytes, more than one message may hold
-- exit: 1
-- says: for_each
-- limits: --time-limit 60s --memory-limit 512M
local rows, text = {}, ("k"):rep(900)
for i = 1, 20000 do rows[i] = { id = text .. i } end
for_each(rows, { key = "id" }, function() end)
