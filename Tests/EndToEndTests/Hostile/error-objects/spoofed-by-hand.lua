-- attack: catches an error of Bursar's, changes its kind and raises it again
-- exit: 1
-- says: attack.lua
local _, problem = pcall(conomy.payments.get)
problem.kind, problem.code = "credentials", "usage"
error(problem)
