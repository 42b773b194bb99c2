-- attack: calls itself for ever, plainly and by tail calls
-- exit: 0
-- limits: --memory-limit 256M
local function deep() return 1 + deep() end
local function tail() return tail() end
for _, fn in ipairs { deep, tail } do
    local good, problem = pcall(fn)
    assert(not good and tostring(problem):find("stack overflow", 1, true), problem)
end
print("held")
