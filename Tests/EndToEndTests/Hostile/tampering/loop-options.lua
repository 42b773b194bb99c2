-- attack: gives for_each options, keys and names of the wrong kind, out of range, and with traps
-- exit: 0
local rows = { { id = "a" }, { id = "b" } }
local function nothing() end
local wrong = { { parallel = 0 }, { parallel = -1 }, { parallel = 10001 }, { parallel = math.maxinteger }, { parallel = 1.5 }, { parallel = "8" },
    { parallel = 0 / 0 }, { max_failures = -1 }, { max_failures = "101%" }, { max_failures = "x%" }, { max_failures = math.huge }, { max_failures = {} },
    { max_failures = ("9"):rep(1000) .. "%" }, { name = "" }, { name = {} }, { name = 5 }, { key = "none" }, { key = 5 }, { key = {} },
    { key = function() end }, { key = function() return {} end }, { key = function() error("x") end }, { key = function() return "same" end },
    { unknown = 1 }, { [1] = 2 }, { [{}] = 2 }, 5, "x", { name = "\xff" } }
for place, options in ipairs(wrong) do
    local good = pcall(for_each, rows, options, nothing)
    assert(not good, place)
end
for place, wrong in ipairs { 5, "x", true, null, money("1", "CLP"), coroutine.running() } do assert(not pcall(for_each, wrong, nothing), place) end
assert(not pcall(for_each, rows) and not pcall(for_each) and not pcall(for_each, rows, {}, 5) and not pcall(for_each, nil, nothing))
local loop = for_each(rows, { key = "id", max_failures = "100%", parallel = 10000, name = "last" }, nothing)
assert(loop.succeeded == 2)
print("held")
