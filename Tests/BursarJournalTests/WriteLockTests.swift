import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

/// SQLite before 3.51.3 can damage a database when two connections write or checkpoint in the same moment. These tests say why that
/// cannot happen here.
@Suite("One writer at a time")
struct WriteLockTests {
    @Test("two locks on one file exclude each other, in one process, too")
    func exclusion() throws {
        let folder = try TestFolder()
        try folder.journal.make()
        let locks = try (0..<4).map { _ in try WriteLock(path: folder.journal.lock) }
        let inside = Mutex(0)
        let most = Mutex(0)
        let rounds = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: locks.count) { index in
            for _ in 0..<500 {
                try? locks[index].whileHeld {
                    let now = inside.withLock { count in
                        count += 1
                        return count
                    }
                    most.withLock { $0 = max($0, now) }
                    rounds.withLock { $0 += 1 }
                    inside.withLock { $0 -= 1 }
                }
            }
        }
        #expect(most.withLock { $0 } == 1 && rounds.withLock { $0 } == 2000)
    }

    @Test("a journal that many make and look for in the same moment is one, and nobody finds half of it")
    func simultaneously() throws {
        for _ in 0..<20 {
            let folder = try TestFolder()
            let problems = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 12) { index in
                do {
                    if index % 3 == 0 {
                        _ = try JournalReader(folder: folder.journal).runs()
                    } else {
                        try Journal(folder: folder.journal).close()
                    }
                } catch let error as JournalError
                    where error.kind == .conflict && error.message.hasPrefix("there is no journal in")
                {
                    // It looked before anybody had made one.
                } catch { problems.withLock { $0.append("\(error)") } }
            }
            #expect(problems.withLock { $0 } == [])
            _ = try JournalReader(folder: folder.journal).verify()
        }
    }

    @Test("a lock whose file was replaced is no lock, and says so")
    func replacedLock() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        folder.remove("journal.lock")
        #expect(try await kind { try await job.record("a") } == .damaged)
    }

    @Test("a connection that only reads cannot checkpoint, cannot write, and leaves the log alone when it closes last")
    func readers() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        job.stopRenewing()
        for number in 0..<50 { try await job.record("\(number)") }
        try await job.flush()
        let reader = try #require(journal.reader as? DatabaseQueue)
        let before = try (folder.bytes("journal.sqlite"), folder.bytes("journal.sqlite-wal"))
        for mode in ["PASSIVE", "FULL", "RESTART", "TRUNCATE"] {
            let moved = try? await reader.writeWithoutTransaction { db in
                try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(\(mode))").map { ($0[0] as Int, $0[2] as Int) }
            }
            #expect(moved == nil || moved?.0 == 1 || moved?.1 == 0, "\(mode): \(String(describing: moved))")
        }
        await #expect(throws: DatabaseError.self) {
            try await reader.writeWithoutTransaction { try $0.execute(sql: "DELETE FROM runs") }
        }
        #expect(try folder.bytes("journal.sqlite") == before.0)
        #expect(try folder.bytes("journal.sqlite-wal") == before.1)
        // As after a kill: a log without its writer, which a reader opens and closes.
        let files = try folder.everything()
        journal.close()
        try folder.put(back: files)
        let look = try JournalReader(folder: folder.journal)
        #expect(try look.effects(.job(1)).count == 50)
        withExtendedLifetime(look) {}
        let alone = try DatabaseQueue(
            path: folder.journal.database,
            configuration: {
                var c = Configuration(); c.readonly = true; return c
            }())
        _ = try await alone.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM effects") }
        try alone.close()
        #expect(try folder.bytes("journal.sqlite") == before.0)
        #expect(try folder.bytes("journal.sqlite-wal") == before.1)
    }

    @Test("a journal that goes away without being closed lets the lock's holder finish first")
    func closingWaits() async throws {
        let folder = try TestFolder()
        var journal: Journal? = try Journal(folder: folder.journal)
        try await journal?.group.commit { db, _ in try db.execute(sql: "DELETE FROM runs") }
        // The commit's own hold on it ends a little after the commit.
        journal?.group.flush()
        let lock = try WriteLock(path: folder.journal.lock)
        let closed = Mutex(false)
        let entered = DispatchSemaphore(value: 0)
        let gone = Mutex<Journal?>(journal)
        journal = nil
        let thread = Thread {
            entered.signal()
            gone.withLock { $0 = nil }
            closed.withLock { $0 = true }
            entered.signal()
        }
        let wal = folder.path + "/state/journal.sqlite-wal"
        try lock.whileHeld {
            thread.start()
            entered.wait()
            // The log stays while somebody has the lock, however long the other one tries.
            for _ in 0..<1000 { sched_yield() }
            #expect(FileManager.default.fileExists(atPath: wal))
            #expect(!closed.withLock { $0 })
        }
        entered.wait()
        #expect(closed.withLock { $0 })
    }

    @Test("closing moves the log into the database: one file holds everything")
    func closingMovesTheLog() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("a")
        journal.close()
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/journal.sqlite-wal"))
    }

    @Test("journals on one folder write in turn and keep one chain")
    func oneChain() async throws {
        let folder = try TestFolder()
        let journals = try (0..<3).map { _ in try Journal(folder: folder.journal) }
        let jobs = try await [
            journals[0].hold(beginning("a")), journals[1].hold(beginning("b")), journals[2].hold(beginning("c")),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for job in jobs {
                for lane in 0..<4 {
                    group.addTask { for number in 0..<50 { try await job.record("\(lane)/\(number)") } }
                }
            }
            try await group.waitForAll()
        }
        for job in jobs { try await job.stop() }
        let rows = try JournalReader(folder: folder.journal).verify()
        #expect(rows.first { $0.table == "effects" }?.rows == 600)
        #expect(rows.first { $0.table == "attempts" }?.rows == 600)
        for journal in journals { journal.close() }
        let again = try Journal(folder: folder.journal)
        for name in ["a", "b", "c"] {
            let job = try await again.hold(beginning(name))
            for lane in 0..<4 {
                for number in 0..<50 { #expect(try await job.recorded("\(lane)/\(number)")?.outcome == .settled) }
            }
        }
    }
}
