-- attack: fills a table for ever
-- exit: 10
-- says: --memory-limit
local t = {}
while true do t[#t + 1] = #t end
