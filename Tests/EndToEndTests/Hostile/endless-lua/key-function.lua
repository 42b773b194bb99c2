-- attack: gives for_each a key function that never returns
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for_each({ 1 }, { key = function() while true do end end }, function() end)
