-- attack: emits and sends values larger than any message
-- exit: 0
-- limits: --memory-limit 512M --time-limit 60s
local text = ("x"):rep(17 << 20)
for _, try in ipairs { function() emit(text) end, function() emit({ text }) end, function() emit({ [text] = 1 }) end, function() log.info("x", { text = text }) end,
    function() conomy.payments.get(text) end, function() csv(text) end, function() csv("x", { a = text }) end, function() require(text) end,
    function() sleep(text) end, function() await(text, "SETTLED") end, function() job { name = text } end, function() money(text, "CLP") end,
    function() random(text) end, function() for_each({ 1 }, { name = text }, function() end) end } do
    pcall(try)
end
print("held")
