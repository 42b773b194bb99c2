-- attack: passes an error through a hundred coroutines, each of which adds to it
-- exit: 1
-- says: attack.lua
local function nest(depth)
    if depth == 0 then error(("x"):rep(10000)) end
    coroutine.wrap(function()
        local good, problem = pcall(nest, depth - 1)
        error(tostring(problem):rep(2):sub(1, 1 << 20))
    end)()
end
nest(100)
