-- attack: a coroutine begun in one row is ended in another, so that its effect is counted for the wrong one
-- exit: 0
local shared = coroutine.create(function()
    coroutine.yield()
    return pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "not an amount" })
end)
local loop = for_each({ 1, 2 }, { parallel = 1 }, function(row)
    local _, good, problem = coroutine.resume(shared)
    if row == 2 then assert(good == false and problem.kind == "invalid", problem) end
end)
assert(loop.succeeded == 2)
print("held")
