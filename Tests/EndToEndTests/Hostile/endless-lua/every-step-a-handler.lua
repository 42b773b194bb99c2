-- attack: has a handler for the end of everything at once when the limit comes: xpcall, close, coroutine, pcall, tostring
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
local function refund() pcall(conomy.payments.refund, "65b0a1000000000000000202", { amount = "1" }) end
local trap = { __close = refund, __tostring = function() refund() return "x" end, __index = refund }
local function work()
    local guard <close> = setmetatable({}, trap)
    xpcall(function()
        local inner <close> = setmetatable({}, trap)
        for _ in coroutine.wrap(function()
            local third <close> = setmetatable({}, trap)
            while true do end
        end) do end
    end, refund)
    error(setmetatable({}, trap))
end
parallel(function() pcall(work) refund() end, function() pcall(work) refund() end)
refund()
