import Foundation
import Glibc
import ScriptWire
import Testing

@testable import ScriptHost

/// A program in a worker's place, which says what a test wants it to say.
private struct Impostor {
    let path: String

    /// - Parameter script: shell commands. Standard input is what the host sends, standard output what it hears.
    init(_ script: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "bursar-impostor-\(UUID().uuidString)").path
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    }

    /// The shell command that writes a frame.
    static func say(_ messages: [WorkerMessage], times: Int = 1) -> String {
        let octal = Frame.bytes(messages).map { "\\" + String(Int($0) + 0o1000, radix: 8).dropFirst() }.joined()
        return "i=0; while [ $i -lt \(times) ]; do printf '\(octal)'; i=$((i + 1)); done"
    }

    func start(_ limits: WorkerLimits = WorkerLimits(memoryBytes: 1 << 20, time: .seconds(20))) throws -> WorkerProcess {
        func attempt() -> Result<WorkerProcess, WorkerStartError> {
            Result { () throws(WorkerStartError) in try WorkerProcess.start(executable: path, limits: limits) }
        }
        var started = attempt()
        // Another test may be starting a process just now, which has the file open for writing for a moment.
        while case .failure(let error) = started, error.message.contains("file busy") { started = attempt() }
        return try started.get()
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct BoundTests {
    @Test("a script that says too much is ended, and its line is told")
    func output() async throws {
        let worker = try begin("local x\nwhile true do pcall(emit, ('x'):rep(1000)) end", output: 100_000)
        let (names, end) = await play(worker)
        #expect(names.count == 99)
        guard case .limit(.output, let message, let failure) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        #expect(message == "the script said more in values and log lines than its limit of 97 KiB")
        #expect(String(decoding: failure ?? [], as: UTF8.self).contains(#""location":"refunds.lua:2""#))
        #expect(isGone(worker))
    }

    @Test("a script with too many requests at once is ended, and the last of them never leave it")
    func requests() async throws {
        let script = """
            local calls = {}
            for i = 1, 1000 do calls[i] = function() pcall(conomy.payments.get, i) end end
            pcall(parallel, calls)
            """
        let worker = try begin(script, requests: 100)
        let (names, end) = await play(worker)
        #expect(names == ["parallel.open"])
        guard case .limit(.requests, let message, let failure) = end else {
            Issue.record("ended otherwise: \(end)")
            return
        }
        #expect(message.hasPrefix("the script has more than its limit of 100 requests waiting for an answer at once"))
        #expect(String(decoding: failure ?? [], as: UTF8.self).contains(#""location":"refunds.lua:2""#))
        #expect(isGone(worker))
    }

    @Test("a process that does not keep the limits itself is ended by the host", arguments: [WorkerLimit.output, .requests])
    func backstop(limit: WorkerLimit) async throws {
        let messages: [WorkerMessage] =
            switch limit {
            case .output: [.note(task: 0, name: "emit", location: "", payload: [UInt8](repeating: 0x31, count: 500))]
            default:
                [
                    .request(id: 1, task: 0, name: "now", location: "", payload: []),
                    .request(id: 2, task: 0, name: "now", location: "", payload: []),
                ]
            }
        let impostor = try Impostor(
            Impostor.say([.confined(lacking: "")]) + "\n" + Impostor.say(messages, times: 1000) + "\ncat > /dev/null")
        defer { impostor.remove() }
        let worker = try impostor.start(
            WorkerLimits(memoryBytes: 1 << 20, time: .seconds(20), outputBytes: 10_000, requestsInFlight: 1))
        while await worker.nextMessages() != nil {}
        guard case .limit(limit, _, nil) = await worker.end else {
            Issue.record("ended otherwise: \(await worker.end)")
            return
        }
        #expect(isGone(worker))
    }

    @Test("a process says what it is confined by before it is sent the script")
    func confinement() async throws {
        let worker = try begin("return 1")
        #expect(await worker.confinement == .complete)
        #expect(await worker.end == .finished([0x31]))
        #expect(await worker.confinement == .complete)
    }

    @Test("what the system does not offer is told")
    func lacking() async throws {
        let impostor = try Impostor(Impostor.say([.confined(lacking: "no filter")]) + "\ncat > /dev/null")
        defer { impostor.remove() }
        let worker = try impostor.start()
        #expect(await worker.confinement == .lacking("no filter"))
        worker.terminate()
        #expect(await worker.end == .terminated)
        #expect(isGone(worker))
    }

    @Test("a process that ends before it is confined has no confinement, only an end")
    func noConfinement() async throws {
        let impostor = try Impostor("exit 70")
        defer { impostor.remove() }
        let worker = try impostor.start()
        try worker.run(Array("{}".utf8))
        #expect(await worker.confinement == nil)
        #expect(
            await worker.end
                == .died(message: "the script's process ended by itself with exit code 70 while it got ready"))
    }

    @Test("a process that the system does not let bound itself says so")
    func refusedLimit() async throws {
        let impostor = try Impostor("exit \(WorkerExit.notConfined.rawValue)")
        defer { impostor.remove() }
        let worker = try impostor.start()
        guard case .died(let message) = await worker.end else {
            Issue.record("ended otherwise")
            return
        }
        #expect(message.hasPrefix("the script's process could not bound itself, and was not sent the script: "))
    }

    @Test("the script is sent to a confined process only")
    func order() async throws {
        // The impostor repeats whatever it hears behind a frame of its own; the script would be heard at once if it came too early.
        let heard = FileManager.default.temporaryDirectory.appending(path: "bursar-heard-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: heard) }
        let confine = Frame.bytes([
            HostMessage.confine(WorkerLimits(memoryBytes: 1 << 20, time: .seconds(20)).onWire)
        ]).count
        let impostor = try Impostor(
            """
            dd bs=1 count=\(confine) of=\(heard) 2> /dev/null
            dd bs=1 count=1 iflag=nonblock of=\(heard).early 2> /dev/null
            \(Impostor.say([.confined(lacking: "")]))
            until [ -s \(heard).late ]; do dd bs=1 count=1 of=\(heard).late 2> /dev/null; done
            """)
        defer { impostor.remove() }
        let worker = try impostor.start()
        try worker.run(Array("{}".utf8))
        guard case .died = await worker.end else {
            Issue.record("ended otherwise")
            return
        }
        let sizes = ["", ".early", ".late"].map { (try? Data(contentsOf: URL(filePath: heard + $0)).count) ?? 0 }
        #expect(sizes == [confine, 0, 1])
        for suffix in [".early", ".late"] { try? FileManager.default.removeItem(atPath: heard + suffix) }
    }
}
