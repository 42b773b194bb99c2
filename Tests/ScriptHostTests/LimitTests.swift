import Foundation
import Glibc
import ScriptHost
import ScriptWire
import Testing

@Suite struct LimitTests {
    /// Limits and how they are written. Where the machine stood still until the first was over, the script did not come to what
    /// its test is about, and is given the next.
    private let limits: [(time: Duration, shown: String)] = [
        (.milliseconds(300), "0.3 s"), (.seconds(3), "3 s"), (.seconds(30), "30 s"),
    ]

    @Test(
        "a script that does not end is ended at its time limit, whatever it tries", .serialized,
        arguments: [
            "while true do end", "while true do pcall(function() while true do end end) end",
            "pcall(pcall, function() while true do end end) now()",
            "xpcall(function() while true do end end, function() while true do end end)",
            "coroutine.wrap(function() while true do end end)()",
            "local co = coroutine.wrap(function() pcall(function() while true do end end) end) co() now()",
            "local t <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
            "local co = coroutine.create(function() local t <close> = setmetatable({}, { __close = function() while true do end end }) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
            "table.sort({ 3, 2, 1 }, function() while true do end end)",
            "string.gsub('a', 'a', function() while true do end end)",
            "error(setmetatable({}, { __tostring = function() while true do end end }))",
            "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) while true do pcall(function() return t[1] end) end",
            "while true do log.info('x') end", "while true do pcall(emit, print) end",
            "local function f() return f() end while true do pcall(f) end",
            "load(function() while true do end end)", "parallel(function() while true do end end, now)",
            "for_each(function() while true do end end, print)", "goto a ::a:: goto a",
            // In C, without a line of Lua in between.
            "string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40))", "string.match(('a'):rep(3000), ('.-'):rep(20) .. 'b')",
            "string.gsub(('a'):rep(100000), '.-.-.-b', '')", "for _ in string.gmatch(('a'):rep(100000), '.-.-b') do end",
            "while true do table.move({}, 1, 50000000, 2) end",
            "while true do table.insert(setmetatable({}, { __len = function() return 40000000 end }), 1, 1) end",
            "while true do table.remove(setmetatable({}, { __len = function() return 40000000 end }), 1) end",
            "while true do table.concat(setmetatable({}, { __index = rawlen }), '', 1, 40000000) end",
            "local t = {} for i = 1, 2000000 do t[i] = i % 7 end while true do table.sort(t, rawequal) end",
            "while true do load('x = a' .. (' and a'):rep(1000000)) end",
            "while true do load(('do ' .. ('goto a '):rep(32000) .. ' ::a:: end '):rep(20)) end",
        ])
    func endless(script: String) async throws {
        for (time, shown) in limits {
            let worker = try begin(
                "local x = 1\n" + script + "\nnow()", memory: 256 << 20, time: time, grace: .seconds(60))
            var names: [String] = []
            while let messages = await worker.nextMessages() {
                worker.answer(
                    messages.compactMap { message in
                        guard case .request(let id, _, let name, _, _) = message else { return nil }
                        names.append(name)
                        return WorkerAnswer(id: id, ok: true, payload: Array(#"{"tasks":[1,2],"loop":1,"parallel":2}"#.utf8))
                    })
            }
            guard case .limit(.time, let message, let failure) = await worker.end else {
                Issue.record("ended otherwise: \(await worker.end)")
                return
            }
            #expect(message == "the script ran longer than its limit of \(shown), not counting the time it waited")
            #expect(!names.contains("now"))
            #expect(isGone(worker))
            let payload = try #require(failure, "the worker should have ended this one itself")
            let report = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
            let location = report["location"] as? String
            guard let location, location != "refunds.lua:1" else { continue }
            #expect(location == "refunds.lua:2")
            return
        }
        Issue.record("the script never came to its second line")
    }

    @Test("a worker that does not heed its own clock is ended by the host")
    func deaf() async throws {
        let worker = try WorkerProcess.start(
            executable: workerExecutable, limits: WorkerLimits(memoryBytes: 64 << 20, time: .milliseconds(150)))
        #expect(await worker.confinement == .complete)
        kill(worker.processIdentifier, SIGSTOP)
        try worker.run(Array(#"{"script":"while true do end","name":"refunds.lua","operations":[],"lists":[]}"#.utf8))
        let (names, end) = await play(worker)
        guard case .limit(.time, _, nil) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        #expect(names.isEmpty)
        #expect(isGone(worker))
    }

    @Test("a value that takes long to write, a large empty table again and again, is stopped in the middle")
    func longValue() async throws {
        let script = """
            local hollow = {} for i = 1, 1 << 17 do hollow[i * 1000003] = i end for i = 1, 1 << 17 do hollow[i * 1000003] = nil end
            local list = {} for i = 1, 1 << 16 do list[i] = hollow end
            pcall(emit, list)
            """
        let worker = try begin(script, memory: 256 << 20, time: .seconds(2), grace: .seconds(60))
        let (names, end) = await play(worker)
        guard case .limit(.time, _, let failure?) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        #expect(names.isEmpty)
        #expect(String(decoding: failure, as: UTF8.self).contains(#""location":"refunds.lua:3""#))
    }

    @Test("time is not counted while the script waits")
    func waiting() async throws {
        // So much that a busy machine does not decide it.
        let worker = try begin("for i = 1, 5 do now() end return 'done'", time: .seconds(2))
        let clock = ContinuousClock()
        while let messages = await worker.nextMessages() {
            // Longer in all than the script may run and the host lets it live.
            let later = clock.now.advanced(by: .milliseconds(600))
            try await clock.sleep(until: later)
            worker.answer(
                messages.compactMap {
                    if case .request(let id, _, _, _, _) = $0 { WorkerAnswer(id: id, ok: true, payload: [0x31]) } else { nil }
                })
        }
        #expect(await worker.end == .finished(Array(#""done""#.utf8)))
    }

    @Test("the limit of the whole run counts waiting too, and names itself")
    func wholeRun() async throws {
        for (run, shown) in limits {
            let worker = try begin("now()", run: run, grace: .seconds(60))
            let hasAsked = await worker.nextMessages()?.count == 1
            guard case .limit(.time, let message, let failure) = await worker.end else {
                Issue.record("ended otherwise: \(await worker.end)")
                return
            }
            #expect(message == "the run took longer than its limit of \(shown)")
            #expect(failure != nil)
            #expect(isGone(worker))
            if hasAsked { return }
        }
        Issue.record("the script never came to its request")
    }

    @Test(
        "a script that needs too much memory ends at its limit",
        arguments: [
            "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", "string.rep('x', 1 << 30)",
            "local s = 'x' while true do s = s .. s end",
            "while true do local t = {} for i = 1, 1e7 do t[i] = i end end",
        ])
    func memory(script: String) async throws {
        let (names, end) = await play(try begin("pcall(function() \(script) end) now()", memory: 32 << 20))
        guard case .limit(.memory, let message, let failure) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        #expect(message == "the script needs more memory than its limit of 32 MiB")
        #expect(failure != nil)
        #expect(names.isEmpty)
    }
}
