import BursarJournal
import ConomyAPI
import Foundation
import GRDB
import Synchronization
import Testing

/// A journal in a folder of its own, filled as runs fill it.
final class JournalFixture {
    let folder: TemporaryFolder
    let journalFolder: JournalFolder
    private let clock: TestClock
    private(set) var journal: Journal

    init() throws {
        folder = try TemporaryFolder()
        journalFolder = JournalFolder(path: folder.path + "/state")
        clock = TestClock()
        journal = try Journal(folder: journalFolder, clock: clock.journalClock)
    }

    deinit { journal.close() }

    /// A clock that only the test moves.
    private final class TestClock: Sendable {
        // 2026-11-25T01:31:07Z
        private let now = Mutex<Int64>(1_795_570_267_000)

        func advance(seconds: Int64) { now.withLock { $0 += seconds * 1000 } }

        var journalClock: JournalClock {
            JournalClock(
                now: { [self] in Timestamp(millisecondsSince1970: now.withLock { $0 }) },
                uptime: { [self] in .milliseconds(now.withLock { $0 }) })
        }
    }

    func advance(seconds: Int64) { clock.advance(seconds: seconds) }

    func begin(
        job name: String = "bulk-refunds", environment: String = "sandbox", again: Bool = false, reopen: Bool = false,
        holder: Holder? = nil
    ) async throws -> JobJournal {
        let identity = JobIdentity(
            name: name, environment: environment, target: "t", arguments: "{\"input\":\"/home/ana/refunds.csv\"}")
        var beginning = Beginning(
            identity: identity, script: "/home/ana/refund.lua", version: "0.1.0",
            command: "bursar run refund.lua input=refunds.csv",
            seed: 7)
        beginning.again = again
        beginning.reopen = reopen
        beginning.holder =
            holder ?? Holder(host: "till-3", user: "ana", pid: 4711, began: "1", boot: Holder.current.boot, namespace: "n")
        guard case .held(let job) = try await journal.begin(beginning) else { throw Unexpected() }
        return job
    }

    /// Records the intent to refund a payment.
    static func intend(_ payment: String, in job: JobJournal, amount: Money? = nil) async throws -> Int64 {
        let amount = try amount ?? Money("150.00", Currency("ARS"))
        let intent = Intent(
            key: "refunds/\(payment)/payments.refund#1", row: "refunds/\(payment)", operation: "payments.refund", object: payment,
            stamp: "bursar \(payment)", amount: amount,
            request: "{\"method\":\"POST\",\"path\":\"/payments/\(payment)/refund\",\"body\":{\"amount\":\"\(amount.text)\"}}",
            location: "refund.lua:12", mustNotRepeat: false)
        guard case .recorded(let id) = try await job.intend(intent) else { throw Unexpected() }
        return id
    }

    /// One run of everything: p1 settled, p2 declined, p3 in doubt after a look, p4 not sent, p5 a row that had no effect.
    @discardableResult
    func mixedRun(job name: String = "bulk-refunds") async throws -> RunRecord {
        let job = try await begin(job: name)
        let ids = [
            try await JournalFixture.intend("p1", in: job),
            try await JournalFixture.intend("p2", in: job, amount: Money("9000", Currency("CLP"))),
            try await JournalFixture.intend("p3", in: job), try await JournalFixture.intend("p4", in: job),
        ]
        advance(seconds: 1)
        job.note(
            Attempt(.send, .settled, status: 201, result: "r1", answer: "{\"refundId\":\"r1\",\"status\":\"CREATED\"}"),
            of: ids[0])
        job.note(row: "p1", loop: "refunds", line: 2, status: "succeeded", reason: "")
        job.note(
            Attempt(
                .send, .declined, status: 422, answer: "{\"code\":\"21\",\"detail\":\"nothing is left\"}",
                detail: "422 21 unprocessable: nothing is left"), of: ids[1])
        job.note(row: "p2", loop: "refunds", line: 3, status: "failed", reason: "422 21 unprocessable: nothing is left")
        job.note(Attempt(.send, .inDoubt, detail: "the connection broke after sending"), of: ids[2])
        advance(seconds: 30)
        job.note(Attempt(.probe, .inDoubt, detail: "the list of refunds could not be read: 503"), of: ids[2])
        job.note(row: "p3", loop: "refunds", line: 4, status: "in_doubt", reason: "the connection broke after sending")
        job.note(Attempt(.send, .unsent, detail: "no connection to api.example"), of: ids[3])
        job.note(row: "p4", loop: "refunds", line: 5, status: "failed", reason: "no connection to api.example")
        job.note(row: "p5", loop: "refunds", line: 6, status: "failed", reason: "amount is \"-5\", which has a sign")
        try await job.end(state: "failed", exitCode: 12, report: "{}", finishesJob: false)
        return job.run
    }

    /// Runs `bursar` on this journal.
    func bursar(_ arguments: String..., columns: Int = 100) throws -> BursarProgram.Result {
        try BursarProgram.run(
            arguments + ["--state", journalFolder.path], environment: ["COLUMNS": String(columns), "HOME": folder.path])
    }

    /// Runs a line of shell in which `bursar` is the program and `$STATE` this journal.
    func shell(_ line: String) throws -> BursarProgram.Result {
        let program = BursarProgram.folder.appendingPathComponent("bursar").path
        return try BursarProgram.run(
            ["-c", "bursar() { '\(program)' \"$@\"; }; \(line)"],
            environment: ["STATE": journalFolder.path, "HOME": folder.path, "PATH": "/usr/bin:/bin"],
            program: URL(fileURLWithPath: "/bin/bash"))
    }

    /// Closes the journal and changes its database behind its back. All of it is in one file then.
    func change(_ sql: String) throws {
        journal.close()
        let database = try DatabaseQueue(path: journalFolder.database)
        try database.writeWithoutTransaction { db in try db.execute(sql: sql + "; PRAGMA wal_checkpoint(TRUNCATE)") }
        try database.close()
    }

    /// The database's one file, after `change`.
    var databaseFile: Data {
        get throws { try Data(contentsOf: URL(fileURLWithPath: journalFolder.database)) }
    }

    /// Puts another file in the place of the database.
    func replaceDatabase(with data: Data) throws {
        journal.close()
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: journalFolder.database + end) }
        try data.write(to: URL(fileURLWithPath: journalFolder.database))
    }

    func reopen() throws { journal = try Journal(folder: journalFolder, clock: clock.journalClock) }

    struct Unexpected: Error {}
}
