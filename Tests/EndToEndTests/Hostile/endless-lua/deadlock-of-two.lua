-- attack: two tasks require modules that require each other's
-- exit: 1
-- says: wait
-- limits: --time-limit 5s
-- files: text a.lua sleep("20ms") require("b") return 1
-- files: text b.lua sleep("20ms") require("a") return 1
parallel(function() require("a") end, function() require("b") end)
