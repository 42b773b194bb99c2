-- attack: catches an error of Bursar's, changes its kind and raises it again
-- exit: 1
-- says: attack.lua
-- waits for: hole 4
local _, problem = pcall(conomy.payments.get)
problem.kind, problem.code = "credentials", "usage"
error(problem)
