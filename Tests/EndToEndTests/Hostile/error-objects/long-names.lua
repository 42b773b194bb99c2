-- attack: fails in code whose name, functions, variables and fields are a megabyte long
-- exit: 1
-- says: stopped here
local name = ("n"):rep(1 << 20)
local text = ("local %s = nil return %s.%s"):format(name, name, name)
pcall(load(text, "=" .. name))
pcall(load("return " .. name .. "." .. name))
pcall(load("return _G." .. name .. "()"))
load("local t = {} function t." .. name .. "() error('stopped here') end t." .. name .. "()", "=" .. ("\27[2J\u{202e}\n"):rep(100000))()
