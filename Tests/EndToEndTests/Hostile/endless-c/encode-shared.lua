-- attack: emits a table in which sixty levels share their parts, so that it is 2^60 values when written out
-- exit: 1
-- says: emitted
-- limits: --time-limit 15s
local value = { 1 }
for _ = 1, 60 do value = { value, value } end
emit(value)
