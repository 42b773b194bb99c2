-- attack: nests pcall as deep as it goes, and raises at the bottom
-- exit: 0
-- limits: --memory-limit 512M
local deepest = 0
local function nest(depth)
    deepest = depth
    local good, problem = pcall(nest, depth + 1)
    if not good then error(problem, 0) end
end
assert(not pcall(nest, 1))
assert(deepest > 100)
print("held")
