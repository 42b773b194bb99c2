-- attack: requires modules by paths that lead out of the folder
-- exit: 0
-- files: text lib/inner.lua return 1
local names = { "../outside", "..outside", "..", ".", "", "/etc/passwd", "lib/../../outside", "lib.inner.", ".lib", "lib..inner",
    "lib\0inner", "outside\0", "%2e%2e/outside", "~", "C:\\x", "lib/inner", "lib\\inner", ("a."):rep(4000) .. "b", "\xc0\xae", "lib inner" }
for place, name in ipairs(names) do
    local good, problem = pcall(require, name)
    assert(not good and problem.kind == "invalid", place)
end
for _, name in ipairs { 5, true, {}, print, null } do assert(not pcall(require, name)) end
assert(require("lib.inner") == 1)
print("held")
