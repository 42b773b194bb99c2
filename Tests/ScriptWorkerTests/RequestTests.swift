import ScriptWire
import Testing

@Suite struct RequestTests {
    static let names: [String] = []

    @Test(
        "each function asks what the engine expects",
        arguments: [
            ("job{ name = 'x', args = { input = { 'file' } } }", "job", #"{"args":{"input":{"type":"file"}},"name":"x"}"#),
            (
                "conomy.payments.refund('p', { amount = money('1','ARS') })", "call",
                #"{"args":["p",{"amount":{"$money":["1.00","ARS"]}}],"op":"payments.refund"}"#
            ),
            ("conomy.payments.each{ status = 'X' }", "each.open", #"{"args":[{"status":"X"}],"op":"payments.list"}"#),
            ("conomy.transfers.search_each{}", "each.open", #"{"args":[{}],"op":"transfers.search"}"#),
            (
                "csv('a.csv', { amount = 'money(currency)' })", "csv.open",
                #"{"columns":{"amount":"money(currency)"},"path":"a.csv"}"#
            ),
            ("jsonl('a.jsonl')", "jsonl.open", #"{"path":"a.jsonl"}"#),
            ("parallel(now, now)", "parallel.open", #"{"count":2}"#),
            ("now()", "now", "{}"), ("uuid()", "uuid", "{}"), ("random()", "random", "{}"),
            ("random(6)", "random", #"{"high":6,"low":1}"#),
            ("math.random(2, 5)", "random", #"{"high":5,"low":2}"#), ("sleep('250ms')", "sleep", #"{"seconds":"250ms"}"#),
            ("sleep(1.5)", "sleep", #"{"seconds":1.5}"#),
            (
                "await({ id = 'p' }, 'COMPLETED', { timeout = '10m' })", "await",
                #"{"object":{"id":"p"},"options":{"timeout":"10m"},"status":"COMPLETED"}"#
            ),
            ("require('lib.helpers')", "require", #"{"name":"lib.helpers"}"#),
            (
                "for_each({ 'a' }, { key = string.upper, parallel = 2, max_failures = 3, name = 'n' }, print)", "loop.open",
                #"{"keys":["A"],"options":{"max_failures":3,"name":"n","parallel":2}}"#
            ),
        ])
    func contract(script: String, name: String, payload: String) throws {
        let played = try play("local _ = 1\n\(script)") { _ in .error(#"{"kind":"refused","message":"no"}"#) }
        #expect(played.requests == [Asked(id: 1, task: 0, name: name, location: "refunds.lua:2", payload: payload)])
        #expect(played.failure?["kind"] as? String == "refused")
    }

    @Test("notes carry the value and do not wait")
    func notes() throws {
        let played = try play("emit{ a = 1 } emit(nil) log.warn('careful', { n = 1 }) print('a', 1, nil, {})\nlog.info(5)")
        #expect(played.requests.isEmpty)
        #expect(
            played.notes.map(\.payload) == [
                #"{"a":1}"#, "null", #"{"fields":{"n":1},"level":"warn","message":"careful"}"#,
                #"{"level":"print","message":"a\t1\tnil\ttable"}"#, #"{"level":"info","message":"5"}"#,
            ])
        #expect(played.notes.last?.location == "refunds.lua:2")
    }

    @Test(
        "a request works wherever Lua can wait",
        arguments: [
            "local ok, v = pcall(get) print(v)",
            "print((select(2, pcall(pcall, get))) and get())",
            "print(setmetatable({}, { __index = function(_, k) return get(k) end }).x)",
            "print(setmetatable({}, { __add = get }) + 1)",
            "for v in function(_, last) if not last then return get() end end do print(v) end",
            "do local c <close> = setmetatable({}, { __close = function() print(get()) end }) end",
            "print(coroutine.wrap(function() return get() end)())",
            "local inner = coroutine.wrap(function() return get() end) print(coroutine.wrap(function() return inner() end)())",
            "local g = coroutine.wrap(function() coroutine.yield(get()) end) print(g())",
            "local co = coroutine.create(get) local ok, v = coroutine.resume(co) print(v)",
            "print(load('return get()')())",
            "print(select(2, xpcall(get, print)))",
            "print(tostring(setmetatable({}, { __tostring = get })))",
            "print((parallel(get)))",
            "setmetatable({}, { __newindex = function(_, k, v) print(get()) end }).x = 1",
            "print(setmetatable({}, { __call = get })())",
            "print(setmetatable({}, { __concat = get }) .. 'x')",
            "local m = { __eq = function() print(get()) end } local _ = setmetatable({}, m) == setmetatable({}, m)",
            "local m = { __lt = function() print(get()) end } local _ = setmetatable({}, m) < setmetatable({}, m)",
            "local m = { __le = function() print(get()) end } local _ = setmetatable({}, m) >= setmetatable({}, m)",
            "print(#setmetatable({}, { __len = get }))", "print(-setmetatable({}, { __unm = get }))",
            "print(~setmetatable({}, { __bnot = get }))", "print(setmetatable({}, { __idiv = get }) // 2)",
            "for v in pairs(setmetatable({}, { __pairs = function() local v = get() return function(_, k) if not k then return v end end end })) do print(v) end",
            "for v in coroutine.wrap(function() coroutine.yield(get()) end) do print(v) end",
            "for v in coroutine.wrap(function() for v in coroutine.wrap(function() for v in coroutine.wrap(function() coroutine.yield(get()) end) do coroutine.yield(v) end end) do coroutine.yield(v) end end) do print(v) end",
            "pcall(function() local c <close> = setmetatable({}, { __close = function() print(get()) end }) error('x') end)",
            "while true do local c <close> = setmetatable({}, { __close = function() print(get()) end }) break end",
            "for _ in next, {}, nil, setmetatable({}, { __close = function() print(get()) end }) do end",
            "print(select(2, xpcall(error, get)))",
            "print(select(2, xpcall(error, function() return coroutine.wrap(get)() end)))",
            "print(load(coroutine.wrap(function() coroutine.yield('return ') coroutine.yield('\"' .. get() .. '\"') end))())",
            "print(select(2, pcall(function() error(get(), 0) end)))",
            "local co = coroutine.create(function() pcall(function() coroutine.yield(get()) end) end) print(select(2, coroutine.resume(co)))",
            "print(select(2, pcall(coroutine.wrap(function() error({ v = get() }) end))).v)",
            "print(require('m'))",
        ])
    func everywhere(script: String) throws {
        let played = try play("function get() local v = conomy.payments.get('p').v return v end\n" + script) { asked in
            switch asked.name {
            case "call": .ok(#"{"v":"value"}"#)
            case "parallel.open": .ok(#"{"tasks":[1]}"#)
            default: .ok(#"{"source":"return get()","name":"m.lua"}"#)
            }
        }
        #expect(played.printed == ["value"], "\(played.message ?? "")")
        #expect(played.requests.filter { $0.name == "call" }.allSatisfy { $0.location == "refunds.lua:1" })
    }

    @Test(
        "where Lua cannot wait the error says so in plain words, and nothing is asked",
        arguments: [
            "table.sort({ 2, 1 }, function(a, b) return get() end)", "string.gsub('a', 'a', get)",
            "('a'):gsub('a', coroutine.wrap(get))", "string.gsub('a', 'a', function() parallel(get) end)",
            "string.gsub('a', 'a', function() for_each({ 1 }, get) end)",
            "string.format('%s', setmetatable({}, { __tostring = get }))",
            "table.concat(setmetatable({}, { __index = get }), '', 1, 1)",
            "table.insert(setmetatable({}, { __newindex = get }), 1)",
            "table.sort({ setmetatable({}, { __lt = get }), 1 })", "table.unpack(setmetatable({}, { __index = get }), 1, 1)",
            "for _ in ipairs(setmetatable({}, { __index = get })) do end",
            "string.gsub('a', 'a', setmetatable({}, { __index = get }))",
            "local function closer() local c <close> = setmetatable({}, { __close = get }) coroutine.yield() end local co = coroutine.create(closer) coroutine.resume(co) error(select(2, coroutine.close(co)))",
            "local co = coroutine.wrap(function() local c <close> = setmetatable({}, { __close = get }) error('x') end) co()",
            "local co = coroutine.create(function() local c <close> = setmetatable({}, { __close = coroutine.wrap(get) }) coroutine.yield() end) coroutine.resume(co) error(select(2, coroutine.close(co)))",
        ])
    func cannotWait(script: String) throws {
        let played = try play("function get() local v = conomy.payments.get('p') return v end\n" + script)
        #expect(
            played.message == """
                a Bursar call cannot be made inside table.sort, string.gsub, coroutine.close or another function of Lua's that calls \
                back; make it before
                """)
        #expect(played.requests.isEmpty)
        let printing = try play("string.gsub('ab', '.', function(c) print(c) end) print('after')")
        #expect(printing.printed == ["a", "b", "after"])
    }

    @Test("a script's own yields pass as they should, and our token is never seen")
    func generators() throws {
        let script = """
            local seen = {}
            local function generator()
                for i = 1, 3 do
                    local answer = conomy.payments.get(i)
                    seen[#seen + 1] = select("#", coroutine.yield(i, answer.id))
                end
                return "end"
            end
            local co = coroutine.create(generator)
            while true do
                local values = table.pack(coroutine.resume(co, "x", "y"))
                for i = 1, values.n do assert(type(values[i]) ~= "null" and type(values[i]) ~= "userdata") end
                print(table.unpack(values, 1, values.n))
                if coroutine.status(co) == "dead" then break end
            end
            print(table.concat(seen, ","), coroutine.resume(co))
            """
        let played = try play(script) { asked in .ok(#"{"id":"p\#(asked.id)"}"#) }
        #expect(
            played.printed == [
                "true\t1\tp1", "true\t2\tp2", "true\t3\tp3", "true\tend", "2,2,2\tfalse\tcannot resume a dead coroutine",
            ], "\(played.message ?? "")")
    }

    @Test("a coroutine that waits for an answer cannot be resumed or closed by another task")
    func foreignResume() throws {
        let script = """
            local co = coroutine.create(function() return conomy.payments.get("slow").v end)
            local task
            parallel(function() task = coroutine.running() print(coroutine.resume(co)) end, function()
                print(coroutine.status(co), coroutine.resume(co, "forged"))
                print(pcall(coroutine.close, co))
                print(coroutine.resume(task, "forged"))
                print(coroutine.status(task))
            end)
            """
        let played = try play(script) { asked in asked.name == "call" ? .ok(#"{"v":1}"#) : .ok(#"{"tasks":[1,2]}"#) }
        #expect(played.printed.first == "normal\tfalse\tcannot resume a coroutine that is not suspended")
        #expect(played.printed.dropFirst().first?.hasPrefix("false") == true)
        #expect(
            played.printed.suffix(3) == ["false\tcannot resume a coroutine that is not suspended", "normal", "true\t1"],
            "\(played.printed) \(played.message ?? "")")
    }

    @Test("an error in a wrapped coroutine closes it, and an error of its __close comes instead")
    func wrapCloses() throws {
        let script = """
            local function fails(handler)
                return coroutine.wrap(function()
                    local x <close> = setmetatable({}, { __close = handler })
                    error("body", 0)
                end)
            end
            print(pcall(fails(function() print("closed") end)))
            print(pcall(fails(function() error("close", 0) end)))
            """
        #expect(try play(script).printed == ["closed", "false\tbody", "false\tclose"])
    }

    @Test("a yield outside a coroutine is an error")
    func foreignYield() throws {
        #expect(try play("coroutine.yield(1, 2, 3, 4)").message?.contains("only for inside a coroutine") == true)
        #expect(try play("print(coroutine.isyieldable(), select(2, coroutine.running()))").printed == ["false\ttrue"])
    }

    @Test("job makes the typed arguments the global args")
    func job() throws {
        let played = try play(
            "print(args.n) local a = job{ args = { n = { 'number' } } } print(args.n + 1, a == args)", arguments: #"{"n":"41"}"#
        ) { _ in
            .ok(#"{"n":41}"#)
        }
        #expect(played.printed == ["41", "42\ttrue"])
    }

    @Test("each gives the items of all pages, and csv the rows of all batches with their money")
    func iterators() throws {
        var page = 0
        let script = """
            for payment in conomy.payments.each{} do print(payment.id) end
            for row in csv("a", { amount = "money(currency)", fee = "money(USD)" }) do print(row.amount + row.amount, row.fee) end
            """
        let played = try play(script) { asked in
            switch asked.name {
            case "each.open": return .ok(#"{"each":4}"#)
            case "each.next":
                page += 1
                return .ok(#"{"items":[{"id":\#(page)}],"done":\#(page == 3)}"#)
            case "csv.open": return .ok(#"{"source":9,"money":{"amount":"currency","fee":{"code":"USD"}}}"#)
            default: return .ok(#"{"rows":[{"amount":"0.10","currency":"ARS","fee":"0.5"}],"done":true}"#)
            }
        }
        #expect(played.printed == ["1", "2", "3", "0.20 ARS\t0.50 USD"], "\(played.message ?? "")")
    }

    @Test("require loads a module once, with the script's globals, also from two tasks at once")
    func modules() throws {
        let script = """
            local a, b = parallel(function() return require("m") end, function() return require("m") end)
            print(a == b, a.get(), require("m") == a)
            print(pcall(require, "broken"))
            print(pcall(require, "circle"))
            """
        let played = try play(script) { asked in
            switch asked.name {
            case "parallel.open": .ok(#"{"tasks":[1,2]}"#)
            case "require" where asked.payload.contains("broken"): .ok(#"{"source":"local = 1","name":"lib/broken.lua"}"#)
            case "require" where asked.payload.contains("circle"): .ok(#"{"source":"require('circle')","name":"lib/circle.lua"}"#)
            case "require":
                .ok(
                    #"{"source":"local M = {} function M.get() local v = conomy.payments.get().v return v end return M","name":"lib/m.lua"}"#
                )
            default: .ok(#"{"v":5}"#)
            }
        }
        #expect(played.requests.filter { $0.name == "require" }.count == 3)
        #expect(played.requests.contains { $0.name == "call" && $0.location == "lib/m.lua:1" })
        #expect(played.printed.first == "true\t5\ttrue")
        #expect(played.printed.dropFirst().first?.hasPrefix("false\tlib/broken.lua:1:") == true, "\(played.printed)")
        #expect(played.printed.last?.contains("goes in a circle") == true, "\(played.printed)")
    }
}
