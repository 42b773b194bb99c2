/// A script that shows as much of what it can see as one can: order, addresses, hashes and the collector would all appear in it.
public let broadScript = """
    local keys = {}
    local t = { 10, 20, 30, x = 1, y = 2, [2.5] = "f", [-1] = "m", [true] = "t", [false] = "u", [1 << 62] = "big" }
    for i = 1, 70 do t["key" .. i * 7919 % 101] = i end
    for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(v) end
    local k, v = next(t)
    while k ~= nil do keys[#keys + 1] = tostring(k) k, v = next(t, k) end
    emit(keys)
    local rows = {}
    for i = 1, 60 do rows[i] = { rank = i % 7, place = i } end
    table.sort(rows, function(a, b) return a.rank < b.rank end)
    emit(rows)
    local co = coroutine.create(function(...) coroutine.yield(...) error("in " .. tostring({})) end)
    print(t, print, co, money, null, money("1.50", "USD"), string, conomy, csv("a"), error, {}, function() end)
    print(string.format("%s %s %q %g %5.1f %x %s", {}, print, "a\\0b", 0.1, 2.25, 255, co), ("x"):rep(3), #t, #keys)
    print(select(2, pcall(function() return t + 1 end)), select(2, pcall(function() return {} < {} end)))
    print(select(2, pcall(function() return #nil end)), select(2, pcall(error, {})), select(2, pcall(string.rep)))
    print(select(2, pcall(error, setmetatable({}, { __tostring = function(e) return "told" end }))))
    print(coroutine.resume(co, 1, {}), coroutine.resume(co), coroutine.resume(co), coroutine.status(co))
    print(pcall(string.format, "%p", t), pcall(function() return conomy.nothing end), pcall(function() return paymentz end))
    print(pcall(conomy.payments.get, { f = print }), pcall(setmetatable, {}, { __gc = print }))
    print(pcall(pairs, { [{}] = 1, [{}] = 2, [print] = 3 }), pcall(next, {}, "no"))
    print(load("x ="), load("error('at')", "=name"), load(function() return nil end))
    print(pcall(load("local a = nil; a.b = 1")))
    local holes = {}
    for i = 1, 40 do holes[i] = i holes["s" .. i] = i end
    for i = 1, 40, 3 do holes[i] = nil holes["s" .. i] = nil end
    for i = 1, 40 do holes[i * 5] = i holes["n" .. i] = i end
    print(#holes, #{ 1, nil, 3 }, #{ nil, nil, 3 }, #{ n = 1, nil, 2, nil, 4 }, select("#", table.unpack({ 1, nil, 3, nil })))
    local spread = {}
    for i = 1, 200 do spread[i * i % 211] = i spread[i % 31 + 0.5] = i spread["w" .. i % 50] = i spread[i * i % 97] = nil end
    local gone = {}
    for i = 1, 30 do gone[{}] = i gone[i] = i gone[i - 3] = nil end
    print(#spread, #gone, table.concat({ 1, 2.5, "x" }, "-"), ("a1b2"):gsub("%d", function(d) return tonumber(d) * 2 end))
    print(math.maxinteger, 1e15, 2 ^ 53, 1 / 3, -0.0, 1 / 0, math.pi, 7 // 2, 7 % -3, math.tointeger(3.0))
    print(utf8.char(233, 128512), utf8.len("é😀"), ("é"):byte(1, -1), tostring(nil), tostring(1e100))
    for a, b in string.gmatch("k=v, x=y", "(%w+)=(%w+)") do print(a, b) end
    local memo = {}
    for i = 1, 300 do memo[i % 17] = ("text"):rep(i) end
    print(random(6), random(), uuid(), now())
    local sum = for_each(list_rows(), { parallel = 3, key = "id" }, function(row, i)
        conomy.payments.get(row.id)
        if i == 2 then error({ kind = "x", extra = {}, f = print }) end
        if i == 3 then local x = nil .. 1 end
        log.info("row", { i = i, row = row })
        return { i = i, text = tostring(row) }
    end)
    print(parallel(now, function() return pcall(conomy.payments.get, {}) end, uuid))
    local deep = {}
    local function fall(n) if n == 0 then error(deep) end fall(n - 1) end
    print(xpcall(fall, function(e) return tostring(e) .. tostring(e == deep) end, 3))
    print(pcall(string.rep, "x", -1), pcall(table.concat, { {}, 1 }), pcall(ipairs), pcall(setmetatable, 1))
    fall(5)
    """.replacing("list_rows()", with: "{ { id = 'a' }, { id = 'b' }, { id = 'c' }, { id = 'd' }, { id = 'e' } }")
