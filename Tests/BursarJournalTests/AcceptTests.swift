import ConomyAPI
import Foundation
import GRDB
import Testing

@testable import BursarJournal

@Suite("A person accepts a journal")
struct AcceptTests {
    @Test("one that was rolled back is taken for whole again, and what was lost stands in it")
    func rolledBack() async throws {
        let folder = try TestFolder()
        let (old, _) = try await DamageTests.killed(effects: 20, in: folder)
        try folder.put(back: old)
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        for number in 0..<3 { try await job.record("later \(number)") }
        try await job.flush()
        journal.close()
        try folder.put(back: old, below: "state")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        let accepted = try Journal.accept(folder: folder.journal, because: "compared with the bank")
        #expect(accepted.lost.map { "\($0.table) \($0.rows)" } == ["effects 3", "attempts 3"])
        #expect(accepted.damage.contains("older state"))
        _ = try JournalReader(folder: folder.journal).verify()
        let again = try Journal(folder: folder.journal)
        #expect(try await again.hold().recorded("key 0")?.outcome == .settled)
        let value = try await again.group.commit { db, _ in
            try String.fetchOne(db, sql: "SELECT name || value FROM job_events WHERE kind = 'accepted'")
        }
        #expect(value?.contains("compared with the bank") == true && value?.contains(#""effects":3"#) == true)
    }

    @Test("one whose anchor is missing, or cannot be read, gets a new one")
    func lostAnchor() async throws {
        for content in [nil, Data("rubbish".utf8)] {
            let folder = try TestFolder()
            let (old, truth) = try await DamageTests.killed(effects: 20, in: folder)
            try folder.put(back: old)
            folder.remove("journal.head")
            if let content { try folder.write(content, to: "journal.head") }
            #expect(try Journal.accept(folder: folder.journal, because: "compared").lost.isEmpty)
            #expect(try await DamageTests.difference(folder, truth) == nil)
            _ = try Journal(folder: folder.journal)
        }
    }

    @Test("one whose rows are not what was written is not accepted")
    func brokenChain() async throws {
        let folder = try TestFolder()
        _ = try await DamageTests.killed(effects: 20, in: folder, isClosed: true)
        let database = try DatabaseQueue(path: folder.journal.database)
        try await database.write { try $0.execute(sql: "UPDATE effects SET key = 'changed' WHERE id = 5") }
        try database.close()
        let before = try folder.bytes("journal.head")
        do {
            _ = try Journal.accept(folder: folder.journal, because: "")
            Issue.record("it was accepted")
        } catch { #expect(error.kind == .damaged && error.message.contains("row 5") && error.hint.contains("Put back")) }
        #expect(try folder.bytes("journal.head") == before)
    }

    @Test("one in which rows speak of others that were lost is damaged, and not accepted", arguments: ["effects", "jobs"])
    func contradiction(table: String) async throws {
        let folder = try TestFolder()
        try await UnchainedTests.journal(in: folder)
        try await UnchainedTests.change(folder, "DELETE FROM \(table) WHERE id = (SELECT max(id) FROM \(table))")
        // As if the anchors had been lost, too: the chains are whole.
        folder.remove("journal.head")
        try? FileManager.default.removeItem(atPath: folder.path + "/xdg")
        #expect(try await kind { _ = try JournalReader(folder: folder.journal).verify() } == .damaged)
        do {
            _ = try Journal.accept(folder: folder.journal, because: "")
            Issue.record("it was accepted")
        } catch {
            #expect(error.kind == .damaged && error.message.contains("speaks of"), "\(error)")
            #expect(error.hint.contains("cannot be accepted"), "\(error)")
        }
    }

    @Test("one of which nothing is left is not accepted, however that came", arguments: ["missing", "empty", "log lost"])
    func nothingLeft(form: String) async throws {
        let folder = try TestFolder()
        let (old, _) = try await DamageTests.killed(effects: 20, in: folder, isClosed: form != "log lost")
        try folder.put(back: old)
        switch form {
        case "missing": folder.remove("journal.sqlite")
        case "empty": try folder.write(Data(), to: "journal.sqlite")
        default: folder.remove("journal.sqlite-wal")
        }
        #expect(try await kind { _ = try JournalReader(folder: folder.journal).runs() } == .damaged)
        do {
            _ = try Journal.accept(folder: folder.journal, because: "")
            Issue.record("it was accepted")
        } catch { #expect(error.kind == .damaged && error.hint.contains("cannot be accepted"), "\(error)") }
    }

    @Test("where nothing is wrong there is nothing to accept")
    func whole() async throws {
        let folder = try TestFolder()
        #expect(try await kind { _ = try Journal.accept(folder: folder.journal, because: "") } == .conflict)
        try await Journal(folder: folder.journal).hold().record("a")
        #expect(try await kind { _ = try Journal.accept(folder: folder.journal, because: "") } == .conflict)
    }
}
