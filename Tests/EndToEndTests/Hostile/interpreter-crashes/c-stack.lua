-- attack: recurses through every C function that calls back: pcall, sort, gsub, load, tostring, metamethods, pairs
-- exit: 0
-- limits: --memory-limit 512M
local deep = {}
function deep.pcall() return select(2, pcall(deep.pcall)) + 1 end
function deep.xpcall() return xpcall(deep.xpcall, function(e) error(e, 0) end) + 1 end
function deep.sort() table.sort({ 1, 2, 3 }, function(a, b) deep.sort() return a < b end) end
function deep.gsub() return (string.gsub("a", "a", deep.gsub)) end
function deep.load() return load(function() deep.load() end) end
function deep.tostring() return tostring(setmetatable({}, { __tostring = deep.tostring })) end
function deep.format() return string.format("%s", setmetatable({}, { __tostring = deep.format })) end
function deep.pairs() for _ in pairs(setmetatable({}, { __pairs = deep.pairs })) do end end
function deep.close() local guard <close> = setmetatable({}, { __close = deep.close }) end
function deep.concat() return setmetatable({}, { __concat = deep.concat }) .. "x" end
function deep.eq() return setmetatable({}, { __eq = deep.eq }) == setmetatable({}, { __eq = deep.eq }) end
function deep.lt() local t = setmetatable({}, { __lt = deep.lt }) return t < t end
function deep.len() return #setmetatable({}, { __len = deep.len }) end
function deep.unm() return -setmetatable({}, { __unm = deep.unm }) end
function deep.call() return setmetatable({}, { __call = deep.call })() end
function deep.index() return setmetatable({}, { __index = deep.index }).x end
function deep.newindex() setmetatable({}, { __newindex = deep.newindex }).x = 1 end
function deep.insert() table.insert(setmetatable({}, { __newindex = deep.insert }), 1) end
function deep.unpack() return table.unpack(setmetatable({}, { __index = deep.unpack }), 1, 2) end
function deep.concat_list() return table.concat(setmetatable({}, { __index = deep.concat_list }), "", 1, 1) end
function deep.move() table.move(setmetatable({}, { __index = deep.move }), 1, 1, 2, {}) end
function deep.error() error(setmetatable({}, { __tostring = deep.error })) end
for name, fn in pairs(deep) do pcall(fn) end
print("held")
