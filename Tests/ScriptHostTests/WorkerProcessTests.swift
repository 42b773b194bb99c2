import Foundation
import Glibc
import ScriptHost
import ScriptWire
import Testing

@Suite struct WorkerProcessTests {
    @Test("a script's messages come out in order and its result is its end")
    func plays() async throws {
        let worker = try begin("emit(1) now() emit(2) uuid() return { a = 1 }")
        let (names, end) = await play(worker)
        #expect(names == ["emit 1", "now", "emit 2", "uuid"])
        #expect(end == .finished(Array(#"{"a":1}"#.utf8)))
        #expect(isGone(worker))
        #expect(await worker.nextMessages() == nil)
    }

    @Test("an uncaught error is the end, with its line")
    func fails() async throws {
        let (_, end) = await play(try begin("now()\nerror('boom')"))
        guard case .failed(let payload) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        let failure = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
        #expect(failure["message"] as? String == "boom")
        #expect(failure["location"] as? String == "refunds.lua:2")
    }

    @Test("a program that is not there is told, and leaves nothing")
    func noProgram() {
        #expect {
            try WorkerProcess.start(
                executable: "/nonexistent/bursar-worker", limits: WorkerLimits(memoryBytes: 1, time: .seconds(1)))
        } throws: { error in
            "\(error)"
                == "the script's process cannot be started from /nonexistent/bursar-worker: No such file or directory; it belongs beside bursar"
        }
    }

    @Test("a program that is not a worker is told", arguments: [("/bin/true", "exit code 0"), ("/bin/false", "exit code 1")])
    func notAWorker(program: String, told: String) async throws {
        let worker = try WorkerProcess.start(
            executable: program, limits: WorkerLimits(memoryBytes: 1 << 20, time: .seconds(5)))
        guard case .died(let message) = await worker.end else {
            Issue.record("ended otherwise")
            return
        }
        #expect(message == "the script's process ended by itself with \(told) while it got ready")
    }

    @Test("a program that speaks rubbish is ended")
    func rubbish() async throws {
        let worker = try WorkerProcess.start(
            executable: "/bin/cat", limits: WorkerLimits(memoryBytes: 1 << 20, time: .seconds(5)))
        guard case .died(let message) = await worker.end else {
            Issue.record("ended otherwise")
            return
        }
        #expect(
            message
                == "the script's process sent what is not a message (a frame has a message of the unknown kind 64) and was ended")
        #expect(isGone(worker))
    }

    @Test("a worker killed from outside is a sentence, while it waits and while it runs", arguments: [SIGKILL, SIGSEGV, SIGTERM])
    func killed(signal: Int32) async throws {
        let worker = try begin("now()")
        #expect(await worker.nextMessages()?.count == 1)
        kill(worker.processIdentifier, signal)
        let name = [SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGTERM: "SIGTERM"][signal] ?? ""
        guard case .died(let message) = await worker.end else {
            Issue.record("ended otherwise")
            return
        }
        #expect(message.hasPrefix("the script's process was killed by signal \(signal) (\(name)) while it "))
        // An answer to the dead is dropped: no signal, no trap.
        worker.answer([WorkerAnswer(id: 1, ok: true, payload: Array("{}".utf8))])
        #expect(await worker.nextMessages() == nil)
        #expect(isGone(worker))
    }

    @Test("an answer on its way to a worker that dies does not end the host")
    func brokenPipe() async throws {
        for _ in 0..<20 {
            let worker = try begin("for i = 1, 1000 do now() end")
            let first = await worker.nextMessages()
            #expect(first?.count == 1)
            kill(worker.processIdentifier, SIGSTOP)
            worker.answer([WorkerAnswer(id: 1, ok: true, payload: [UInt8](repeating: 0x20, count: 1 << 20))])
            kill(worker.processIdentifier, SIGKILL)
            worker.answer([WorkerAnswer(id: 1, ok: true, payload: [UInt8](repeating: 0x20, count: 1 << 20))])
            guard case .died = await worker.end else {
                Issue.record("ended otherwise")
                return
            }
        }
    }

    @Test("terminate ends a worker that waits, one that loops, and one that has ended")
    func terminate() async throws {
        for script in ["now()", "while true do end", "return 1"] {
            let worker = try begin(script)
            if script == "return 1" { _ = await worker.end }
            worker.terminate()
            let end = await worker.end
            #expect(end == (script == "return 1" ? .finished(Array("1".utf8)) : .terminated))
            #expect(isGone(worker))
        }
    }

    @Test("a worker that nobody holds any more is ended")
    func dropped() async throws {
        var worker: WorkerProcess? = try begin("while true do end")
        let processIdentifier = try #require(worker?.processIdentifier)
        worker = nil
        while kill(processIdentifier, 0) == 0 { await Task.yield() }
        #expect(errno == ESRCH)
    }

    @Test("two hundred workers leave no process behind")
    func manyWorkers() async throws {
        let workers = try (0..<200).map { try begin("local x = now() if \($0) % 4 == 1 then error('x') end return \($0)") }
        let ends = await withTaskGroup(of: (Int, WorkerEnd).self) { group in
            for (place, worker) in workers.enumerated() {
                group.addTask {
                    if place % 4 == 2 { worker.terminate() }
                    if place % 4 == 3 { kill(worker.processIdentifier, SIGKILL) }
                    return (place, await play(worker).end)
                }
            }
            return await group.reduce(into: [Int: WorkerEnd]()) { $0[$1.0] = $1.1 }
        }
        for (place, worker) in workers.enumerated() {
            #expect(isGone(worker))
            switch (place % 4, ends[place]) {
            case (0, .finished), (1, .failed), (2, .terminated), (3, .died): break
            default: Issue.record("worker \(place): \(String(describing: ends[place]))")
            }
        }
    }

    @Test("a script that says much waits for its reader, and nothing is lost")
    func backpressure() async throws {
        let worker = try begin("for i = 1, 60000 do emit{ i = i, pad = ('x'):rep(400) } end return 'end'", time: .seconds(60))
        // The host holds at most its bound and one batch more; the rest stays in the pipe and in the script.
        var count = 0, largest = 0
        while let messages = await worker.nextMessages() {
            largest = max(largest, messages.count)
            count += messages.count
        }
        #expect(count == 60_000)
        #expect(largest < 20_000)
        #expect(await worker.end == .finished(Array(#""end""#.utf8)))
    }

    @Test("many coroutines share frames, and each gets its own answer")
    func coroutines() async throws {
        let script = """
            local bodies = {}
            for i = 1, 3000 do bodies[i] = function() for _ = 1, 3 do local v = conomy.payments.get(i) assert(v == i, i) end end end
            parallel(bodies)
            return "all"
            """
        let worker = try begin(script, memory: 256 << 20, time: .seconds(60))
        var frames = 0
        while let messages = await worker.nextMessages() {
            frames += 1
            worker.answer(
                try messages.reversed().compactMap { message in
                    guard case .request(let id, _, let name, _, let payload) = message else { return nil }
                    if name == "parallel.open" {
                        let tasks = (1...3000).map(String.init).joined(separator: ",")
                        return WorkerAnswer(id: id, ok: true, payload: Array(#"{"tasks":[\#(tasks)]}"#.utf8))
                    }
                    let fields = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
                    let argument = try #require((fields["args"] as? [Int])?.first)
                    return WorkerAnswer(id: id, ok: true, payload: Array(String(argument).utf8))
                })
        }
        #expect(await worker.end == .finished(Array(#""all""#.utf8)))
        #expect(frames < 1000)
    }
}
