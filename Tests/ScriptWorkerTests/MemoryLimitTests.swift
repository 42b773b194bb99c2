import ScriptWire
import Testing

@testable import ScriptWorker

@Suite struct MemoryLimitTests {
    @Test(
        "a script that needs too much memory ends at its limit, and cannot catch it",
        arguments: [
            "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", "local s = 'x' while true do s = s .. s end",
            "string.rep('x', 1 << 30)",
            "local t = {} for i = 1, 1e9 do t[i] = {} end", "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
            "local function f(...) return f(1, ...) end f()", "table.concat({ ('x'):rep(1 << 25), ('x'):rep(1 << 25) })",
            "local t = setmetatable({}, { __close = function() while true do end end }) local x <close> = t string.rep('x', 1 << 30)",
            "coroutine.wrap(function() string.rep('x', 1 << 30) end)()", "load(function() return ('x'):rep(1000000) end)",
        ])
    func memory(script: String) throws {
        let script = """
            now()
            for _ = 1, 3 do
                pcall(function() pcall(function() \(script) end) print("after") end)
                xpcall(function() \(script) end, function() print("handled") end)
                now()
            end
            """
        let played = try play(script, memory: 16 << 20)
        guard case .limit(.memory, _) = played.end else {
            Issue.record("ended otherwise: \(played.end)")
            return
        }
        #expect(played.failure?["kind"] as? String == "limit")
        #expect(played.failure?["location"] as? String == "refunds.lua:3")
        #expect(played.requests.count == 1)
        #expect(played.printed.isEmpty)
    }

    @Test("the limit's sentence names the limit and what was asked for")
    func sentence() throws {
        let one = try play("local s = ('x'):rep(32 << 20)", memory: 16 << 20)
        #expect(one.message == "the script needs more memory than its limit of 16 MiB: 32 MiB at once did not fit")
        let many = try play("local t = {} while true do t[#t + 1] = {} end", memory: 5_000_000)
        #expect(many.message?.contains("its limit of 5000000 bytes: ") == true)
    }

    @Test("the account is Lua's own at every turn, and shrinking gives back what was held")
    func account() throws {
        let script = """
            local kept = {}
            for turn = 1, 30 do
                for i = 1, random(2000) do kept[#kept + 1] = ("text"):rep(random(50)) .. i end
                if turn % 3 == 0 then kept = {} end
                if turn % 5 == 0 then coroutine.wrap(function() kept[1] = { table.unpack(kept, 1, 200) } end)() end
            end
            """
        let room = try #require(ScriptRoom(memoryBytes: 64 << 20))
        var random = SeededGenerator(seed: 7)
        let played = try play(script, in: room) { asked in
            #expect(room.memoryUsed == room.memoryCountedByLua)
            return .ok("\(Int.random(in: 1...50, using: &random))")
        }
        #expect(played.result == "null", "\(played.message ?? "")")
        #expect(try #require(played.memory.last) < (try #require(played.memory.max())))
    }

    @Test("the line is told also when memory runs out once more on the way out")
    func line() throws {
        let played = try play("local s = {}\nfor i = 1, 1e6 do s[i] = coroutine.create(print) end")
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
    }

    @Test("a limit too small for the prelude is told, at every size")
    func tooSmall() {
        for size in stride(from: UInt64(0), to: 600_000, by: 3_001) {
            guard let room = ScriptRoom(memoryBytes: size) else { continue }
            var messages = room.start(Array(#"{"script":"return 1","name":"a.lua","operations":[],"lists":[]}"#.utf8))
            #expect(room.advance(&messages) == .ended)
            switch messages.last {
            case .finished, .limit(.memory, _): break
            default: Issue.record("at \(size) bytes: \(String(describing: messages.last))")
            }
        }
    }

    @Test("wherever memory runs out, the script finishes or ends at the limit")
    func sweep() throws {
        let script = """
            local function f(...) return conomy.payments.get(...) end
            local r = f({ x = { 1, 2, 3, { y = "z" } }, m = money("1.50", "USD"), s = "é" })
            for k, v in pairs(r) do emit{ k = k, v = v } end
            local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(f(i)) end end) co() co()
            pcall(function() error{ kind = "x" } end) xpcall(f, print, {})
            table.sort({ 5, 3, 1 }, function(a, b) return a < b end) string.gsub("abc", ".", print)
            local t = {} for i = 1, 300 do t["k" .. i] = { i } end emit(t) for k in pairs(t) do t[k] = nil end
            load("return function() return 1 end")()()
            for_each({ 1, 2, 3 }, function(row) f(row) end)
            """
        var finished = 0, stopped = 0
        for size in stride(from: UInt64(140_000), to: 480_000, by: 1_117) {
            guard ScriptRoom(memoryBytes: size) != nil else { continue }
            let host = LoopHost(rows: 3, parallel: 2)
            let played = try play(script, memory: size) { asked in
                asked.name == "call"
                    ? .ok(#"{"a":[1,2.5,null,[],{}],"long":"\u00e9 \n text","m":{"amount":"1.00"}}"#) : host.reply(asked)
            }
            switch played.end {
            case .finished: finished += 1
            case .limit(.memory, _): stopped += 1
            default: Issue.record("at \(size) bytes: \(played.message ?? "?")")
            }
        }
        #expect(finished > 0)
        #expect(stopped > 0)
    }

    @Test("an answer that does not fit is the limit too")
    func largeAnswer() throws {
        let played = try play("pcall(conomy.payments.get) print('on')", memory: 4 << 20) { _ in
            .ok("\"" + String(repeating: "x", count: 8 << 20) + "\"")
        }
        guard case .limit(.memory, _) = played.end else {
            Issue.record("ended otherwise: \(played.end)")
            return
        }
    }
}
