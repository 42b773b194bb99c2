-- attack: ends in an error when nearly nothing is left to describe it
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 8M
local list = {}
local function fill() while true do list[#list + 1] = ("x"):rep(100) .. #list end end
local good, problem = pcall(fill)
error(problem)
