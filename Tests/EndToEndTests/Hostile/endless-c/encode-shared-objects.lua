-- attack: emits the same with objects of no size
-- exit: 1
-- says: emitted
-- limits: --time-limit 15s
local value = {}
for _ = 1, 60 do value = { a = value, b = value, c = value } end
emit(value)
