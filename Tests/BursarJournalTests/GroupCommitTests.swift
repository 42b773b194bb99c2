import Dispatch
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

@Suite("Writing in groups")
struct GroupCommitTests {
    /// A group over a table of numbers, and what its connection was told to do.
    struct Bench {
        let group: GroupCommit
        let database: DatabaseQueue
        let statements = Statements()

        final class Statements: Sendable {
            let all = Mutex<[String]>([])
            var commits: Int { all.withLock { $0.count { $0.hasPrefix("COMMIT") } } }
        }

        init(patience: DispatchTimeInterval = .milliseconds(20)) throws {
            database = try DatabaseQueue()
            try database.write { db in
                try Format.migrate(db, path: "memory")
                try db.execute(sql: "CREATE TABLE numbers(id INTEGER PRIMARY KEY, number INTEGER NOT NULL)")
            }
            database.writeWithoutTransaction { [statements] db in
                db.trace { event in statements.all.withLock { $0.append("\(event)") } }
            }
            group = GroupCommit(database: database, patience: patience)
        }

        /// Keeps the group busy until it is told to go on: what comes meanwhile waits together.
        func blocked() -> DispatchSemaphore {
            let go = DispatchSemaphore(value: 0)
            group.submit { _, _ in
                go.wait()
                // It is done again when another one of its transaction is spoilt.
                go.signal()
            }
            return go
        }

        func add(_ number: Int, under permit: WriteGuard? = nil) {
            group.submit(under: permit) { db, _ in
                try db.execute(sql: "INSERT INTO numbers(number) VALUES (?)", arguments: [number])
            }
        }

        var numbers: [Int] {
            get throws { try database.read { try Int.fetchAll($0, sql: "SELECT number FROM numbers ORDER BY id") } }
        }
    }

    @Test("what waits while a transaction goes on is committed by the next one, all of it, in the order of submission")
    func grouping() async throws {
        let bench = try Bench()
        let go = bench.blocked()
        for number in 0..<500 { bench.add(number) }
        go.signal()
        bench.group.flush()
        // The one that was blocked may have had company, or not.
        #expect((1...2).contains(bench.statements.commits))
        #expect(try bench.numbers == Array(0..<500))
    }

    @Test("what nobody waits for goes with the next that is waited for, before it")
    func company() async throws {
        let bench = try Bench(patience: .seconds(3600))
        for number in 0..<10 { bench.add(number) }
        let seen = try await bench.group.commit { db, _ in try Int.fetchOne(db, sql: "SELECT count(*) FROM numbers") }
        #expect(seen == 10 && bench.statements.commits == 1)
    }

    @Test("what nobody waits for goes by itself when nothing else comes")
    func alone() async throws {
        let bench = try Bench(patience: .milliseconds(1))
        await withCheckedContinuation { done in bench.group.submit { _, _ in done.resume() } }
        bench.group.flush()
        bench.add(1)
        bench.group.flush()
        #expect(try bench.numbers == [1])
    }

    @Test("a write that fails by itself is undone alone, also when it had written something")
    func ownFailure() async throws {
        let bench = try Bench()
        let go = bench.blocked()
        bench.add(1)
        let failures = Mutex<[String]>([])
        let note: @Sendable (JournalError?) -> Void = { failure in failures.withLock { $0.append(failure?.message ?? "none") } }
        bench.group.submit({ _, _ in throw JournalError(.conflict, "early", hint: "") }, ended: note)
        bench.group.submit(
            { db, heads in
                try db.execute(sql: "INSERT INTO numbers(number) VALUES (99)")
                _ = try ChainedTable.steps.append(1, 1, 1, "a", "b", to: &heads, db)
                throw JournalError(.conflict, "late", hint: "")
            }, ended: note)
        bench.add(2)
        go.signal()
        bench.group.flush()
        #expect(failures.withLock { $0 } == ["early", "late"])
        let row = try await bench.group.commit { db, heads in
            try ChainedTable.steps.append(1, 1, 1, "a", "b", to: &heads, db)
        }
        #expect(row == 1)
        #expect(try bench.numbers == [1, 2])
        #expect(try await bench.database.read { try ChainedTable.steps.verify($0).count } == 1)
        #expect(bench.group.failure == nil)
    }

    @Test("after SQLite failed, everything fails with the same words and nothing more is written")
    func storageFailure() async throws {
        let bench = try Bench()
        let go = bench.blocked()
        bench.add(1)
        bench.group.submit { db, _ in try db.execute(sql: "INSERT INTO nowhere VALUES (1)") }
        bench.add(2)
        let kinds = Mutex<[JournalError.Kind?]>([])
        bench.group.submit({ _, _ in }, ended: { failure in kinds.withLock { $0.append(failure?.kind) } })
        go.signal()
        bench.group.flush()
        #expect(kinds.withLock { $0 } == [.damaged])
        bench.add(3)
        #expect(try await kind { try await bench.group.commit { _, _ in } } == .damaged)
        #expect(bench.group.failure?.kind == .damaged)
        #expect(try bench.numbers.isEmpty)
    }

    @Test("a run that may not write any more keeps nobody else from writing")
    func permits() async throws {
        let bench = try Bench()
        let refused = WriteGuard { _ in JournalError(.lease, "no", hint: "") }
        let allowed = WriteGuard { _ in nil }
        let go = bench.blocked()
        bench.add(1, under: refused)
        bench.add(2, under: allowed)
        bench.add(3)
        bench.add(4, under: refused)
        go.signal()
        bench.group.flush()
        #expect(try bench.numbers == [2, 3])
        #expect(refused.failure?.kind == .lease && allowed.failure == nil && bench.group.failure == nil)
    }

    @Test("closing writes what was submitted before, and refuses what comes after")
    func close() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        for number in 0..<100 { job.note(row: "\(number)", loop: "l", line: nil, status: "succeeded", reason: "") }
        journal.close()
        journal.close()
        #expect(try await kind { try await job.flush() } == .storage)
        #expect(try JournalReader(folder: folder.journal).rows(job: job.job.id).count == 100)
    }

    @Test("the nth row that cannot be written stops all writing, and what was acknowledged before is there", arguments: 1...24)
    func nthWriteFails(n: Int) async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        try await journal.group.commit { db, _ in
            let table = n % 2 == 0 ? "effects" : "attempts"
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER fails BEFORE INSERT ON \(table) WHEN NEW.id >= \(n)
                    BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END
                    """)
        }
        try await Self.compare(job, journal, folder)
    }

    @Test(
        "a disk that is full, a page later each time, stops all writing, and what was acknowledged before is there",
        arguments: 0..<16)
    func fullDisk(pages: Int) async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        try await journal.group.commit { db, _ in
            let count = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count + pages)")
        }
        try await Self.compare(job, journal, folder)
    }

    final class Ledger: Sendable {
        let acknowledged = Mutex<Set<String>>([])
        let refused = Mutex(0)
    }

    /// Records effects, some at once, until it fails; what was acknowledged must be there afterwards, and nothing that was never
    /// asked for.
    static func compare(_ job: JobJournal, _ journal: Journal, _ folder: TestFolder) async throws {
        let ledger = Ledger()
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        let key = "\(lane)/\(number) \(String(repeating: "x", count: 100))"
                        do {
                            try await job.record(key)
                            ledger.acknowledged.withLock { _ = $0.insert(key) }
                        } catch {
                            ledger.refused.withLock { $0 += 1 }
                            return
                        }
                    }
                }
            }
        }
        #expect(ledger.refused.withLock { $0 } == 8)
        #expect(await job.mayLeave()?.kind == .storage)
        #expect(try await kind { try await job.stop() } == .storage)
        journal.close()
        let again = try Journal(folder: folder.journal)
        let next = try await again.hold()
        for key in ledger.acknowledged.withLock({ $0 }) { #expect(try await next.recorded(key) != nil, "\(key) is lost") }
        _ = try JournalReader(folder: folder.journal).verify()
        try await next.record("goes on")
    }

    @Test("what is noted before an intent is durable with it at the latest")
    func noteBeforeIntend() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        let first = try await job.record("first", nil)
        for number in 0..<20 {
            job.note(Attempt(.probe, .inDoubt, detail: "\(number)"), of: first)
            try await job.record("next \(number)", nil)
            let seen = try JournalReader(folder: folder.journal).attempts(of: first)
            #expect(seen.count == number + 1 && seen.last?.attempt.detail == "\(number)")
        }
    }
}
