-- attack: raises a table that contains itself, in its message too
-- exit: 1
-- says: attack.lua
local problem = {}
problem.message, problem.self, problem[problem] = problem, problem, problem
error(problem)
