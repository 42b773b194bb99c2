-- attack: requires a named pipe that nobody writes to, a folder and a socket
-- exit: 0
-- limits: --time-limit 3s
-- files: fifo pipe.lua
-- files: folder folder.lua
-- files: socket socket.lua
for _, name in ipairs { "folder", "socket", "pipe" } do
    local good, problem = pcall(require, name)
    assert(not good and problem.kind == "invalid", name)
end
print("held")
