-- attack: runs for ever in one metamethod after another, each caught
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local function forever() while true do end end
local trap = setmetatable({}, { __add = forever, __concat = forever, __len = forever, __eq = forever, __lt = forever, __unm = forever,
    __call = forever, __newindex = forever, __pairs = forever, __tostring = forever })
local other = setmetatable({}, getmetatable(trap))
local tries = { function() return trap + 1 end, function() return trap .. "" end, function() return #trap end, function() return trap == other end,
    function() return trap < other end, function() return -trap end, function() return trap() end, function() trap.x = 1 end,
    function() return pairs(trap) end, function() return tostring(trap) end, function() print(trap) end }
while true do for _, try in ipairs(tries) do pcall(try) end end
