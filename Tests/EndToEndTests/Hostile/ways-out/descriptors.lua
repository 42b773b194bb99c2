-- attack: looks for descriptors and the network in anything that opens a path
-- exit: 0
for number = 0, 30 do
    assert(not pcall(csv, "/dev/fd/" .. number))
    assert(not pcall(csv, "/proc/self/fd/" .. number))
    assert(not pcall(jsonl, "/proc/1/fd/" .. number))
end
assert(not pcall(csv, "/dev/tcp/127.0.0.1/80"))
print("held")
