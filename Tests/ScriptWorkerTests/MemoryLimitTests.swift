import ScriptWire
import Testing

@testable import ScriptWorker

@Suite struct MemoryLimitTests {
    @Test(
        "a script that needs too much memory ends at its limit, and cannot catch it",
        arguments: [
            "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", "local s = 'x' while true do s = s .. s end", "string.rep('x', 1 << 30)",
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

    @Test("an answer that does not fit is the limit too")
    func largeAnswer() throws {
        let played = try play("pcall(conomy.payments.get) print('on')", memory: 4 << 20) { _ in .ok("\"" + String(repeating: "x", count: 8 << 20) + "\"") }
        guard case .limit(.memory, _) = played.end else {
            Issue.record("ended otherwise: \(played.end)")
            return
        }
    }
}
