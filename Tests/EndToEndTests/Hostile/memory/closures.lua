-- attack: keeps closures over closures
-- exit: 10
-- says: --memory-limit
local fn = function() end
while true do
    local inner = fn
    fn = function() return inner end
end
