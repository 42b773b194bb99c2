import Foundation
import Glibc
import ScriptWire
import Testing

@testable import ScriptHost

/// The worker that was built with these tests.
let workerExecutable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "bursar-worker").path

/// Starts a script.
func begin(
    _ script: String, memory: Int = 64 << 20, time: Duration = .seconds(20), run: Duration? = nil, grace: Duration? = nil,
    output: Int? = nil, requests: Int? = nil, executable: String = workerExecutable
) throws -> WorkerProcess {
    let start: [String: Any] = [
        "script": script, "name": "refunds.lua", "args": [String: String](), "operations": ["payments.get"], "lists": [String](),
    ]
    let payload = try Array(JSONSerialization.data(withJSONObject: start))
    var limits = WorkerLimits(memoryBytes: memory, time: time, run: run)
    if let grace { limits.grace = grace }
    if let output { limits.outputBytes = output }
    if let requests { limits.requestsInFlight = requests }
    let worker = try WorkerProcess.start(executable: executable, limits: limits)
    try worker.run(payload)
    return worker
}

/// Answers every request with `{}` until the end; gives the names of requests and notes in order, and the end.
func play(_ worker: WorkerProcess) async -> (names: [String], end: WorkerEnd) {
    var names: [String] = []
    while let messages = await worker.nextMessages() {
        var answers: [WorkerAnswer] = []
        for message in messages {
            switch message {
            case .request(let id, _, let name, _, _):
                names.append(name)
                answers.append(WorkerAnswer(id: id, ok: true, payload: Array("{}".utf8)))
            case .note(_, let name, _, let payload): names.append(name + " " + String(decoding: payload, as: UTF8.self))
            default: Issue.record("not for a reader: \(message)")
            }
        }
        worker.answer(answers)
    }
    return (names, await worker.end)
}

/// Whether the process is gone, not even waiting to be reaped.
func isGone(_ worker: WorkerProcess) -> Bool {
    kill(worker.processIdentifier, 0) != 0 && errno == ESRCH
}
