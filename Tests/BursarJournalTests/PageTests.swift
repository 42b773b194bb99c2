import ConomyAPI
import GRDB
import Testing

@testable import BursarJournal

@Suite("A job's effects, page by page")
struct PageTests {
    @Test("come in the order of their numbers, without those of other jobs, and each once")
    func pages() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let other = try await journal.hold(beginning("others"))
        for number in 0..<30 { try await other.record("before \(number)") }
        let job = try await journal.hold()
        for number in 0..<25 {
            try await job.record("key \(number)", number % 5 == 3 ? .declined : .settled)
            try await other.record("between \(number)")
        }
        try await job.flush()
        let reader = try JournalReader(folder: folder.journal)
        var keys: [String] = []
        var after: Int64 = 0
        while case let page = try reader.effects(.job(job.job.id), after: after, most: 4), let last = page.last {
            keys += page.map(\.key)
            after = last.id
        }
        #expect(keys == (0..<25).map { "key \($0)" })
        let settled = try await job.settledEffects(after: 0)
        #expect(settled.map(\.key) == (0..<25).filter { $0 % 5 != 3 }.map { "key \($0)" })
        #expect(try await job.settledEffects(after: settled[18].id).map(\.key) == ["key 24"])
        var each: [String] = []
        try await job.eachSettled { each.append($0.key) }
        #expect(each == settled.map(\.key))
        #expect(try reader.effects(.job(77)).isEmpty)
    }

    @Test("are read as they lie, and not sorted again for each page")
    func plan() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("a")
        let steps = try await journal.reader.read { db in
            try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN " + RecordedEffect.query(RecordedEffect.pageCondition),
                arguments: [1, 0, nil, nil, 5]
            ).map { $0["detail"] as String }
        }
        #expect(steps.first?.contains("INTEGER PRIMARY KEY") == true, "\(steps)")
        #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
    }
}
