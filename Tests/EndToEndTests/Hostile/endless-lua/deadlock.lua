-- attack: makes tasks that wait for each other for ever
-- exit: 1
-- says: goes in a circle
-- files: text a.lua require("b") return 1
-- files: text b.lua require("a") return 1
require("a")
