-- attack: requires thousands of modules that are not there, and one a thousand times
-- exit: 0
-- limits: --time-limit 60s
-- files: text one.lua return {}
for i = 1, 3000 do pcall(require, "none" .. i) end
local one = require("one")
for i = 1, 3000 do assert(require("one") == one) end
print("held")
