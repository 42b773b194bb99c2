-- attack: reads through links that lead out of the script's folder, at once and by detours
-- exit: 0
-- files: link out.csv ../outside.csv
-- files: link passwd.csv /etc/passwd
-- files: link up ..
-- files: link first.csv second.csv
-- files: link second.csv ../outside.csv
-- files: link round.csv round.csv
for _, path in ipairs { "out.csv", "passwd.csv", "up/outside.csv", "first.csv", "second.csv", "round.csv", "up/work/up/outside.csv" } do
    local good, problem = pcall(csv, path)
    assert(not good and (problem.kind == "refused" or problem.kind == "invalid"), path)
end
print("held")
