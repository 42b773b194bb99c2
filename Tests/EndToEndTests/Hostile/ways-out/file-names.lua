-- attack: hides a path in NUL bytes, percent signs, tildes, variables, URLs, and names of enormous length
-- exit: 0
-- files: text rows.csv id\na\n
-- waits for: hole 2
local paths = { "rows.csv\0.txt", "\0", "%2e%2e/outside.csv", "~/x", "$HOME/x", "file:///etc/passwd", "..\\outside.csv", "rows.csv/",
    ("x"):rep(5000), ("../"):rep(2000) .. "etc/passwd", ("d/"):rep(100000), "\xff\xfe", "\n", "-", "/" }
for place, path in ipairs(paths) do
    local good, problem = pcall(csv, path)
    assert(not good, place)
    assert(problem.kind == "refused" or problem.kind == "invalid", place)
end
for place, path in ipairs { {}, true, 5, print, null, setmetatable({}, { __tostring = function() return "rows.csv" end }) } do
    assert(not pcall(csv, path), place)
end
print("held")
