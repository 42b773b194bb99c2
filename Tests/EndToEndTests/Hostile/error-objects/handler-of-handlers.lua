-- attack: handles errors with handlers that raise, handled by handlers that raise
-- exit: 0
local function raise(problem) error(problem) end
local good = pcall(xpcall, raise, raise, "x")
local function nest(depth)
    if depth == 0 then error("bottom") end
    return xpcall(nest, function(problem) error(problem) end, depth - 1)
end
pcall(nest, 150)
pcall(xpcall, error)
pcall(xpcall, error, 5)
pcall(xpcall)
print("held")
