import BursarJournal
import ConomyAPI
import Foundation

// Measures the journal on a real disk and prints one object of JSON: microseconds an effect (its intent, waited for, and its outcome,
// not waited for) with 1, 16 and 64 of them at once, and the seconds it takes to open what was written, to take its job up again
// and to read everything. `scripts/bench` runs it.
//
//     journal-bench [EFFECTS] [FOLDER]

let words = CommandLine.arguments
let total = words.count > 1 ? Int(words[1]) ?? 100_000 : 100_000
let place = words.count > 2 ? words[2] : NSTemporaryDirectory() + "journal-bench-\(getpid())"
let folder = JournalFolder(path: place)
defer { try? FileManager.default.removeItem(atPath: place) }

let identity = JobIdentity(name: "refunds", environment: "bench", target: "t", arguments: "{}")
let beginning = Beginning(identity: identity, script: "refunds.lua", version: "1", command: "bursar run refunds.lua", seed: 1)
let request = #"{"operation":"payments.refund","id":"PAYMENT","body":{"amount":"12.50","reason":"returned goods, order 000000"}}"#
let note = String(repeating: "x", count: 300)
let answer = #"{"id":"refund","status":"ACCEPTED","amount":"12.50","currency":"USD","note":""# + note + #""}"#

struct NotHeld: Error {}

func take(_ journal: Journal) async throws -> JobJournal {
    guard case .held(let job) = try await journal.begin(beginning) else { throw NotHeld() }
    return job
}

func write(_ job: JobJournal, _ numbers: Range<Int>, together: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<together {
            group.addTask {
                for number in stride(from: numbers.lowerBound + lane, to: numbers.upperBound, by: together) {
                    let intent = Intent(
                        key: "refunds/p\(number)/payments.refund#1", row: "refunds/p\(number)", operation: "payments.refund",
                        object: "p\(number)", stamp: "b\(number)", amount: try? Money("12.50", Currency("USD")), request: request,
                        location: "refunds.lua:7", mustNotRepeat: true)
                    guard case .recorded(let id) = try await job.intend(intent) else { throw NotHeld() }
                    job.note(Attempt(.send, .settled, status: 201, result: "r\(number)", answer: answer), of: id)
                }
            }
        }
        try await group.waitForAll()
    }
}

func seconds(_ duration: Duration) -> Double { (duration / .milliseconds(1)).rounded() / 1000 }

let clock = ContinuousClock()
var figures: [(String, Double)] = []
var journal = try Journal(folder: folder)
var job = try await take(journal)
var next = 0
for (together, count) in [(1, min(2000, total / 10)), (16, min(20_000, total / 5))] {
    let time = try await clock.measure { try await write(job, next..<next + count, together: together) }
    next += count
    figures.append(("us_per_effect_\(together)", (time / .microseconds(1) / Double(count)).rounded()))
}
let (rest, start) = (total - next, next)
let time = try await clock.measure {
    try await write(job, start..<total, together: 64)
    try await job.flush()
}
figures.append(("us_per_effect_64", (time / .microseconds(1) / Double(rest) * 10).rounded() / 10))
try await job.end(state: "stopped", exitCode: 130, report: "{}", finishesJob: false)
journal.close()

figures.append(("open_s", seconds(try clock.measure { journal = try Journal(folder: folder) })))
figures.append(("begin_s", seconds(try await clock.measure { job = try await take(journal) })))
figures.append(
    (
        "replay_us_per_effect",
        try await clock.measure { for number in 0..<1000 { _ = try await job.recorded("refunds/p\(number)/payments.refund#1") } }
            / .microseconds(1000)
    ))
try await job.end(state: "stopped", exitCode: 130, report: "{}", finishesJob: false)
figures.append(("verify_s", seconds(try clock.measure { _ = try JournalReader(folder: folder).verify() })))
journal.close()
let size = try FileManager.default.attributesOfItem(atPath: folder.database)[.size] as? Int ?? 0
figures.append(("megabytes", Double(size / 1_000_000)))
print("{\"effects\":\(total)," + figures.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}")
