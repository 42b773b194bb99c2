-- attack: ends in a stack overflow, whose traceback has a hundred thousand frames
-- exit: 1
-- says: stack overflow
-- limits: --memory-limit 256M
local function deep() return 1 + deep() end
deep()
