-- attack: gives the host's own environment, with its credentials, as the default of a file argument
-- exit: 0
-- waits for: hole 1
local arguments = job { name = "default", args = { input = { "file", default = "/proc/self/environ" } } }
local good, problem = pcall(csv, arguments.input, { nothing = "text" })
assert(not good, "the host's environment was opened")
assert(problem.kind == "refused", problem.message)
print("held")
