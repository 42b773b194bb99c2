-- attack: requires modules through links that lead out of the folder
-- exit: 0
-- files: link out.lua ../outside.lua
-- files: link up ..
-- files: link zero.lua /dev/zero
-- files: link twice.lua out.lua
for _, name in ipairs { "out", "up.outside", "zero", "twice" } do
    local good, problem = pcall(require, name)
    assert(not good and problem.kind == "invalid", name)
end
print("held")
