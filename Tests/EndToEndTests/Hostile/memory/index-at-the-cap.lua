-- attack: reaches the end of memory inside __index, __concat and __eq
-- exit: 10
-- says: --memory-limit
-- limits: --memory-limit 8M
local store = {}
local function keep(a) store[#store + 1] = { #store } return "kept" .. #store end
local trap = setmetatable({}, { __index = keep, __concat = keep, __eq = keep, __call = keep, __unm = keep })
local other = setmetatable({}, getmetatable(trap))
while true do pcall(function() return trap.x .. (trap .. other) .. tostring(trap == other) .. trap() .. -trap end) end
