-- attack: gives for_each an iterator that never returns
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
for_each(function() while true do end end, function() end)
