-- attack: asks for the metatable of every kind of value that Bursar hands out
-- exit: 0
-- files: text rows.csv id\na\nb\n
local _, failure = pcall(fail, "no")
local _, invalid = pcall(conomy.payments.get)
local things = { _G, _ENV, string, table, math, utf8, coroutine, conomy, conomy.payments, log, args, failure, invalid, null,
    money("5", "CLP"), csv("rows.csv"), conomy.payments.each {}, array {}, coroutine.running(), print, "text", 1, true,
    conomy.payments.list {} }
for place, thing in ipairs(things) do
    assert(getmetatable(thing) == nil, place)
    if type(thing) == "table" and thing ~= args and thing ~= things[#things] then
        assert(not pcall(setmetatable, thing, {}), place)
    end
end
print("held")
