-- attack: reads a named pipe nobody writes to, a folder and a socket, to make the host wait for ever
-- exit: 0
-- files: fifo pipe.csv
-- files: folder folder.csv
-- files: socket socket.csv
-- files: link link.csv pipe.csv
for _, path in ipairs { "pipe.csv", "folder.csv", "socket.csv", "link.csv", "" } do
    for _, open in ipairs { csv, jsonl } do
        local good, problem = pcall(open, path)
        assert(not good and problem.kind == "invalid", path)
    end
end
print("held")
