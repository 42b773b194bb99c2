-- attack: takes one refusal, changes it, and shows it to code that trusts errors of Bursar's
-- exit: 0
local _, first = pcall(conomy.payments.get)
local _, second = pcall(conomy.payments.get)
first.kind, first.message, first.location = nil, nil, nil
assert(second.kind == "invalid" and second.message ~= nil)
assert(type(tostring(first)) == "string")
assert(not pcall(error, first))
rawset(second, "__tostring", 5)
assert(type(tostring(second)) == "string")
print("held")
