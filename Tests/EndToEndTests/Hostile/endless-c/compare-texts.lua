-- attack: compares texts of ten megabytes that are equal but for the end, full of NUL bytes
-- exit: 10
-- says: -limit
-- limits: --time-limit 300ms --memory-limit 256M
local a, b = ("\0"):rep(10 << 20) .. "a", ("\0"):rep(10 << 20) .. "b"
while true do local less = a < b end
