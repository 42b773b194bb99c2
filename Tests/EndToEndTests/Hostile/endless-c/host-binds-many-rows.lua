-- attack: hands the host a list of two hundred thousand keys, and declares tens of thousands of arguments and columns
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 512M
local rows = {}
for i = 1, 200000 do rows[i] = { id = "row" .. i } end
while true do pcall(for_each, rows, { key = "id", parallel = 1 }, function() end) end
