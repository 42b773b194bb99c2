-- attack: reads what lies beside the script's folder: input of others, and Bursar's configuration
-- exit: 0
for _, path in ipairs { "../outside.csv", "./../outside.csv", "folder/../../outside.csv", "../bursar.yaml", "..", ".", "../work/../outside.csv", "//../outside.csv" } do
    local good, problem = pcall(csv, path)
    assert(not good and (problem.kind == "refused" or problem.kind == "invalid"), path)
end
print("held")
