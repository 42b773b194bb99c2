-- attack: makes _ENV a constant, for which 5.4.4 makes wrong code
-- exit: 0
local chunks = { "local _ENV <const> = {} x = 1 return x", "local _ENV <const> = 1; return a.b", "local _ENV <const> = nil; f()",
    "local _ENV <const> = 'x'; return len", "local _ENV <const> = true; y = y + 1", "local _ENV <close> = nil; x = 1" }
for _, text in ipairs(chunks) do
    local chunk = load(text)
    if chunk then pcall(chunk) end
end
print("held")
