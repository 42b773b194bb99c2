-- attack: loads functions in which every jump is compared with every label
-- exit: 10
-- says: -limit
-- limits: --time-limit 500ms --memory-limit 256M
local parts = {}
for i = 1, 16000 do parts[#parts + 1] = "do goto l" .. i .. " end " end
for i = 1, 16000 do parts[#parts + 1] = "::l" .. i .. ":: " end
local text = table.concat(parts)
while true do pcall(load, text) end
