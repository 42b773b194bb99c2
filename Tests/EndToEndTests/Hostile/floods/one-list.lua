-- attack: gives for_each a list of three hundred thousand rows with keys of a thousand bytes, more than one message may hold
-- exit: 1
-- says: for_each
-- limits: --time-limit 60s --memory-limit 512M
local rows, text = {}, ("k"):rep(1000)
for i = 1, 30000 do rows[i] = { id = text .. i } end
for_each(rows, { key = "id" }, function() end)
