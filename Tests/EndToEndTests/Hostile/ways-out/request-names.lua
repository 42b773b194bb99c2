-- attack: calls operations that are not there, by every spelling that might reach another request of the host
-- exit: 0
for _, name in ipairs { "auth", "oauth", "token", "http", "_sim", "__index", "__metatable", "source.next", "loop.next", "csv.open" } do
    assert(not pcall(function() return conomy[name].create {} end), name)
    assert(not pcall(function() return conomy.payments[name]() end), name)
end
assert(rawget(conomy, "payments") == nil)
assert(next(conomy) == nil or type(next(conomy)) == "string")
print("held")
