-- attack: walks everything reachable from _G, through fields, metatables and pairs, and looks for a name that leads out
-- exit: 0
local forbidden = { io = true, os = true, debug = true, package = true, dofile = true, loadfile = true, collectgarbage = true,
    dump = true, token = true, opaque = true, peek = true, load_text = true, string_methods = true }
local seen, count = {}, 0
local function walk(value, path)
    if type(value) == "table" then
        if seen[value] then return end
        seen[value], count = true, count + 1
        for key, inner in pairs(value) do
            assert(not forbidden[key] or path == "_G.log", path .. "." .. tostring(key))
            walk(inner, path .. "." .. tostring(key))
        end
    end
    assert(type(value) ~= "userdata", path)
    local metatable = getmetatable(value)
    assert(metatable == nil, path .. " shows a metatable")
end
walk(_G, "_G")
walk(_ENV, "_ENV")
assert(count > 20, count)
print("held")
