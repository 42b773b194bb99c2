import ScriptWire
import Testing

@Suite struct SealingTests {
    @Test(
        "a metatable cannot be made to tell when memory is collected, whenever and however its fields are set",
        arguments: [
            "m.__mode = 'v'", "rawset(m, '__mode', 'kv')", "m['__' .. 'mode'] = 'k'", "m[('__modes'):sub(1, 6)] = 'v'",
            "m[json.decode('\"__mode\"')] = 'v'", "m.__gc = function() collected = true end",
        ])
    func collector(set: String) throws {
        let script = """
            local m, kept = {}, nil
            local t = setmetatable({}, m)
            \(set)
            t[1], t[{}] = {}, 1
            for i = 1, 300 do kept = ("x"):rep(100000) .. i end
            local count = 0 for _ in pairs(t) do count = count + 1 end
            return { t[1] ~= nil, count, rawget(_G, "collected") == nil }
            """
        #expect(try play(script).result == "[true,2,true]")
    }

    /// Walks everything a script can reach, tries to change each table of ours in every way there is, and walks again.
    static let attack = """
        local roots = {
            globals = _G, text = "x", money = money("1.00", "USD"), null = null, source = csv("a"), pages = conomy.payments.each(),
            answer_error = select(2, pcall(conomy.payments.refund)), own_error = select(2, pcall(fail, "x")),
            lua_error = select(2, pcall(function() local x = nil + 1 end)), array = array{}, step = ("a"):gmatch("."),
            thread = coroutine.running(), generator = coroutine.wrap(print), chunk = load("return 1"),
        }
        -- Made for this script, and so its own to change.
        local own = { [_G] = true, [args] = true, [roots.array] = true, [roots.answer_error] = true, [roots.own_error] = true }
        local ours, seen, paths = {}, {}, {}

        local function reach(value, path)
            paths[#paths + 1] = { path, value }
            local kind = type(value)
            if kind ~= "table" and kind ~= "money" and kind ~= "source" and kind ~= "iterator" and kind ~= "string" then return end
            if kind ~= "string" then
                if seen[value] then return end
                seen[value] = true
            end
            local metatable = getmetatable(value)
            if metatable ~= nil then reach(metatable, path .. "<metatable>") end
            if kind ~= "table" then return end
            if not own[value] then ours[#ours + 1] = { path, value } end
            local step, state, first = pairs(value)
            if state ~= nil and state ~= value then reach(state, path .. "<state of pairs>") end
            if first ~= nil then reach(first, path .. "<first of pairs>") end
            for key, inner in step, state, first do reach(inner, path .. "." .. tostring(key)) end
            local _, list = pcall(ipairs, value)
            for key, inner in next, value do reach(inner, path .. "<raw>." .. tostring(key)) end
        end

        local function walk()
            seen, paths, ours = {}, {}, {}
            local names = {}
            for name in pairs(roots) do names[#names + 1] = name end
            for _, name in ipairs(names) do reach(roots[name], name) end
            return paths
        end

        local before = walk()
        local targets, succeeded = ours, {}
        local function try(what, path, ...)
            if pcall(...) then succeeded[#succeeded + 1] = what .. " " .. path end
        end
        for _, target in ipairs(targets) do
            local path, t = target[1], target[2]
            local key = "format"
            for name in pairs(t) do key = name break end
            try("assign", path, function() t[key] = 1 end)
            try("add", path, function() t.added = 1 end)
            try("number", path, function() t[1] = 1 end)
            try("rawset", path, rawset, t, key, 1)
            try("rawset new", path, rawset, t, "added", 1)
            try("setmetatable", path, setmetatable, t, {})
            try("no metatable", path, setmetatable, t, nil)
            try("insert", path, table.insert, t, 1)
            try("insert at", path, table.insert, t, 1, 1)
            try("move", path, table.move, { 1, 2 }, 1, 2, 1, t)
            try("array", path, array, t)
            try("environment", path, function() load("added = 1", "e", "t", t)() end)
            try("own environment", path, function() local _ENV = t added = 1 end)
            pcall(table.sort, t) pcall(table.remove, t) pcall(table.remove, t, 1) pcall(next, t, "format")
        end
        for name in pairs(_G) do
            try("global", name, rawset, _G, name, 1)
            try("global", name, function() _G[name] = 1 end)
        end
        for _, value in ipairs{ "text", roots.money, roots.source, roots.pages, print, roots.thread, 1, true, null } do
            try("field of", type(value), function() value.added = 1 end)
            try("metatable of", type(value), setmetatable, value, {})
            try("rawset on", type(value), rawset, value, "added", 1)
        end
        for _, err in ipairs{ roots.answer_error, roots.own_error, roots.array } do
            try("metatable of", type(err), setmetatable, err, {})
            assert(getmetatable(err) == nil)
        end
        local after = walk()
        print(#before > 150, #targets > 10, table.concat(succeeded, ", "))
        assert(#before == #after, "the number of things reached has changed")
        for index, place in ipairs(before) do
            assert(place[1] == after[index][1] and rawequal(place[2], after[index][2]) or type(place[2]) == "string", place[1])
        end
        """

    @Test("nothing of ours that a script can reach can be changed or replaced")
    func walk() throws {
        let played = try play(Self.attack) { asked in
            switch asked.name {
            case "csv.open": .ok(#"{"source":1}"#)
            case "each.open": .ok(#"{"each":1}"#)
            default: .error(#"{"kind":"declined","message":"no"}"#)
            }
        }
        #expect(played.printed == ["true\ttrue\t"], "\(played.message ?? "")")
        #expect(played.result != nil, "\(played.message ?? "")")
    }
}
