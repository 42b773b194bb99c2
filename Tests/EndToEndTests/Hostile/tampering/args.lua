-- attack: changes the arguments, gives them metatables, and declares job with tables that change while they are read
-- exit: 0
local reads = 0
local shifting = setmetatable({}, {
    __index = function(_, key) reads = reads + 1 return key == "name" and ("n" .. reads) or nil end,
    __pairs = function() return function() end end, __len = function() return 5 end })
pcall(job, shifting)
pcall(setmetatable, args, { __index = function() return "/etc/passwd" end })
for _, value in ipairs { {}, { name = {} }, { name = "x", args = 5 }, { name = "x", args = { [1] = 2 } }, { name = "x", args = { a = print } },
    { name = "x", effects = "payments.refund" }, { name = "x", effects = { 1 } }, { name = "x", effects = { "*" } }, { name = "x", more = 1 },
    { name = "\27[2J" }, { name = "a/b" }, { name = ("n"):rep(1 << 20) .. "/" }, { name = "x", args = { a = { "file", default = print } } },
    { name = "x", args = { a = { "amount", default = 0.1, help = "\27[2J" }, b = { "what" } } } } do
    local good, problem = pcall(job, value)
end
print("held")
