-- attack: sends values nested deeper than anybody reads
-- exit: 6
-- says: held
local function nested(depth) local t = {} for _ = 1, depth do t = { t } end return t end
for _, depth in ipairs { 60, 63, 64, 65, 66, 100, 10000, 100000 } do
    pcall(emit, nested(depth))
    pcall(log.info, "x", nested(depth))
    pcall(conomy.payments.create, nested(depth))
    pcall(for_each, { 1 }, function() return nested(depth) end)
    pcall(error, nested(depth))
end
print("held")
