import ConomyAPI
import Foundation
import GRDB
import Testing

@testable import BursarJournal

/// What no hash covers: runs, leases, sums.
@Suite("What is in no chain is compared with what is")
struct UnchainedTests {
    /// Three runs of a job, of which the last finished it; and one of another job.
    static func journal(in folder: TestFolder) async throws {
        let journal = try Journal(folder: folder.journal)
        for number in 0..<2 {
            let job = try await journal.hold()
            try await job.record("key \(number)")
            try await job.stop()
        }
        try await journal.hold(beginning("others")).record("other")
        let job = try await journal.hold()
        try await job.record("key 2")
        try await job.finish()
        journal.close()
    }

    static func change(_ folder: TestFolder, _ sql: String) async throws {
        let database = try DatabaseQueue(path: folder.journal.database)
        try await database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
    }

    @Test("a run that is missing is noticed by whoever opens the journal or looks back at runs", arguments: [1, 2, 3, 4])
    func lostRun(id: Int) async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        try await Self.change(folder, "DELETE FROM runs WHERE id = \(id)")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        let reader = try JournalReader(folder: folder.journal)
        #expect(try await kind { _ = try reader.verify() } == .damaged)
        #expect(try await kind { _ = try reader.runs() } == .damaged)
        #expect(try await kind { _ = try reader.run(named: "2") } == .damaged)
    }

    @Test("no new run gets the number of one that was lost")
    func lostRuns() async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        try await Self.change(folder, "DELETE FROM runs")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        #expect(try Journal.accept(folder: folder.journal, because: "looked").lost.map { "\($0.table) \($0.rows)" } == ["runs 4"])
        let job = try await Journal(folder: folder.journal).hold(beginning("others"))
        #expect(job.run.id == 5)
    }

    @Test("a run that was lost is known by what it did, once the journal is accepted")
    func acceptedRuns() async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        let before = try JournalReader(folder: folder.journal).runs()
        try await Self.change(folder, "DELETE FROM runs WHERE id IN (2, 3, 4)")
        _ = try Journal.accept(folder: folder.journal, because: "looked")
        let reader = try JournalReader(folder: folder.journal)
        _ = try reader.verify()
        let after = try reader.runs()
        #expect(after.map(\.run.id) == [4, 3, 2, 1])
        #expect(after.map(\.job.id) == before.map(\.job.id))
        // The last one finished its job, and that names it.
        #expect(after[0].run.name == before[0].run.name && after[0].run.state == "done")
        #expect(after[2].run.name == before[2].run.name && after[2].run.state == "stopped")
        // It was killed: nothing names it.
        #expect(after[1].run.name == "lost-3" && after[1].run.state == "killed")
        #expect(try reader.effects(.run(2)).map(\.key) == ["key 1"])
        _ = try Journal(folder: folder.journal)
    }

    /// Zeros, as a disk gives for what it has lost, over the end of the page in which the table begins.
    @Test("zeros over a table's page are noticed, and what can be read is kept", arguments: ["runs", "leases"])
    func zeros(table: String) async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        let database = try DatabaseQueue(path: folder.journal.database)
        let (page, size) = try await database.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table]) ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            )
        }
        try database.close()
        var bytes = try folder.bytes("journal.sqlite")
        // A page's newest rows lie first, its oldest at its end.
        let end = bytes.startIndex + page * size
        bytes.replaceSubrange(end - 512..<end, with: Data(repeating: 0, count: 512))
        try folder.write(bytes, to: "journal.sqlite")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        _ = try Journal.accept(folder: folder.journal, because: "looked")
        let reader = try JournalReader(folder: folder.journal)
        _ = try reader.verify()
        #expect(try reader.runs().map(\.run.id) == [4, 3, 2, 1])
        let journal = try Journal(folder: folder.journal)
        #expect(try await journal.hold(beginning("others")).recorded("other")?.outcome == .settled)
    }

    @Test("a run whose report was changed after its end is noticed by whoever looks at it")
    func changedReport() async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        let before = try JournalReader(folder: folder.journal).runs()
        try await Self.change(folder, "UPDATE runs SET report = '{\"x\": 1}' WHERE id = 2")
        let reader = try JournalReader(folder: folder.journal)
        #expect(try await kind { _ = try reader.verify() } == .damaged)
        #expect(try await kind { _ = try reader.run(named: before[2].run.name) } == .damaged)
        #expect(try reader.run(named: before[0].run.name)?.run.id == 4)
        _ = try Journal.accept(folder: folder.journal, because: "looked")
        _ = try JournalReader(folder: folder.journal).verify()
        #expect(try JournalReader(folder: folder.journal).run(named: before[2].run.name)?.run.id == 2)
    }

    @Test("a holder that was changed is noticed, and made anew once the journal is accepted")
    func changedHolder() async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        let journal = try Journal(folder: folder.journal)
        _ = try await journal.hold(beginning("third"))
        journal.close()
        try await Self.change(folder, "UPDATE leases SET holder = replace(holder, 'here', 'hare')")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        _ = try Journal.accept(folder: folder.journal, because: "looked")
        _ = try await Journal(folder: folder.journal).hold(beginning("third"))
    }

    @Test("sums that were changed or lost are made anew from what effects have taken, once the journal is accepted")
    func sums() async throws {
        for sql in ["UPDATE sums SET units = 1", "DELETE FROM sums"] {
            let folder = try TestFolder()
            let journal = try Journal(folder: folder.journal)
            let line = Reservation.Line(scope: "day", unit: "ARS", units: 60, most: 100, isMoney: false)
            _ = try await journal.hold().intend(intent("a"), reserving: Reservation([line], object: nil))
            journal.close()
            try await Self.change(folder, sql)
            #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
            _ = try Journal.accept(folder: folder.journal, because: "looked")
            let again = try Journal(folder: folder.journal)
            let excess = try await again.hold().intend(intent("b"), reserving: Reservation([line], object: nil))
            guard case .exceeds(let excess) = excess else {
                Issue.record("the limit was passed")
                continue
            }
            #expect(excess.sum == 60)
        }
    }

    @Test("a journal of several thousand runs is read as one of few")
    func many() async throws {
        let folder = try TestFolder()
        try await Self.journal(in: folder)
        try await Self.change(
            folder,
            """
            WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO runs SELECT i, 'run ' || i, 1, i, i, 'done', 0, '{}', '1', '', '{}' FROM n
            """)
        _ = try Journal(folder: folder.journal)
        try await Self.change(folder, "DELETE FROM runs WHERE id = 2500")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
    }
}
