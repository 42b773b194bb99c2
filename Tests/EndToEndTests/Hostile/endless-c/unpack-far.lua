-- attack: unpacks ranges of any size
-- exit: 0
-- limits: --time-limit 5s
for _, range in ipairs { { 1, 1 << 60 }, { math.mininteger, math.maxinteger }, { 1, 10000000 }, { -1, 1 << 31 } } do
    assert(not pcall(table.unpack, {}, range[1], range[2]))
end
assert(not pcall(function() return table.unpack(setmetatable({}, { __len = function() return 1 << 40 end })) end))
print("held")
