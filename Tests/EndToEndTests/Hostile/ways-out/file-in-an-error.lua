-- attack: lets a refused or malformed file show its content through the error's text
-- exit: 0
-- files: link environment.csv /proc/self/environ
-- files: link secret.jsonl ../outside.csv
for _, path in ipairs { "environment.csv", "secret.jsonl", "../outside.csv" } do
    for _, columns in ipairs { { id = "integer" }, { nothing = "text" }, { id = "money(USD)" } } do
        local good, problem = pcall(csv, path, columns)
        assert(not good)
        emit(problem)
        good, problem = pcall(jsonl, path, columns)
        assert(not good)
        emit(problem)
    end
end
print("held")
