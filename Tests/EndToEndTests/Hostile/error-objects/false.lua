-- attack: raises false, a number, a function, a coroutine and null, caught and uncaught
-- exit: 1
-- says: null
for _, value in ipairs { 0, -0.0, 0 / 0, math.huge, math.mininteger, print, coroutine.running(), null } do
    local good, problem = pcall(error, value)
    assert(not good and (problem == value or value ~= value))
end
assert(select(2, pcall(error, false)) == false)
error(null)
