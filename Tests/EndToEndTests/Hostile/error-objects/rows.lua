-- attack: two hundred rows fail, each with escape sequences, another cause, and a text of its own size
-- exit: 6
-- says: held
-- limits: --time-limit 60s
local rows = {}
for i = 1, 200 do rows[i] = { id = "\27[3" .. i % 8 .. "m\u{202e}\r\n" .. i } end
for_each(rows, { key = "id", name = "rows\27[2J\u{202e}" }, function(row)
    error(row.id .. ("w" .. row.id .. " "):rep(#row.id * 100))
end)
print("held")
