import Foundation
import GRDB
import Testing

@testable import BursarJournal

@Suite("What kind of files a journal opens")
struct FormatTests {
    func refusal(_ folder: TestFolder) -> JournalError? { refusal(folder.journal) }

    func refusal(_ folder: JournalFolder) -> JournalError? {
        do {
            _ = try Journal(folder: folder)
            return nil
        } catch { return error }
    }

    @Test("a newer program's journal is refused in words, and nothing of it is changed")
    func newer() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("a")
        journal.close()
        let database = try DatabaseQueue(path: folder.journal.database)
        try await database.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = delete; PRAGMA user_version = \(Format.version + 1)")
        }
        try database.close()
        let before = try folder.everything()
        let error = try #require(refusal(folder))
        #expect(
            error.kind == .format && error.message.contains("the format \(Format.version + 1)") && error.message.contains("newer")
        )
        #expect(try await kind { _ = try JournalReader(folder: folder.journal) } == .format)
        #expect(try folder.everything() == before)
    }

    @Test("a database of something else is refused, and nothing of it is changed")
    func foreign() async throws {
        for sql in [
            "CREATE TABLE photos(id)", "PRAGMA user_version = 3", "PRAGMA application_id = 77",
            "PRAGMA user_version = 1; CREATE TABLE t(a)",
        ] {
            let folder = try TestFolder()
            try folder.journal.make()
            let database = try DatabaseQueue(path: folder.journal.database)
            try await database.writeWithoutTransaction { try $0.execute(sql: sql) }
            try database.close()
            let before = try folder.bytes("journal.sqlite")
            #expect(refusal(folder)?.kind == .format)
            #expect(try folder.bytes("journal.sqlite") == before)
        }
    }

    @Test("a file that is no database is refused as damaged, and stays as it was")
    func noDatabase() async throws {
        let folder = try TestFolder()
        try folder.journal.make()
        let text = Data(String(repeating: "this is no database\n", count: 1000).utf8)
        try folder.write(text, to: "journal.sqlite")
        #expect(refusal(folder)?.kind == .damaged)
        #expect(try folder.bytes("journal.sqlite") == text)
    }

    @Test("an empty file, and a database with nothing in it, become a journal")
    func empty() async throws {
        for isDatabase in [false, true] {
            let folder = try TestFolder()
            try folder.journal.make()
            try folder.write(Data(), to: "journal.sqlite")
            if isDatabase {
                let database = try DatabaseQueue(path: folder.journal.database)
                try await database.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE t(a); DROP TABLE t") }
                try database.close()
            }
            try await Journal(folder: folder.journal).hold().record("a")
        }
    }

    @Test("all files are their owner's alone, also where they came back with other rights")
    func modes() async throws {
        let folder = try TestFolder()
        for _ in 0..<2 {
            let journal = try Journal(folder: folder.journal)
            try await journal.hold().record("a")
            var seen: Set<String> = []
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
                let mode = try #require(attributes[.posixPermissions] as? Int)
                let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
                #expect(mode == (isFolder ? 0o700 : 0o600), "\(name) has \(String(mode, radix: 8))")
                seen.insert(name)
            }
            #expect(
                seen.isSuperset(of: [
                    "state/journal.sqlite", "state/journal.sqlite-wal", "state/journal.sqlite-shm", "state/journal.head",
                ]))
            journal.close()
            for name in ["journal.sqlite", "journal.head", "journal.lock"] { chmod(folder.path + "/state/" + name, 0o644) }
        }
    }

    @Test(
        "links in place of files are not followed",
        arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.head", "journal.lock"])
    func links(name: String) async throws {
        let folder = try TestFolder()
        try folder.journal.make()
        let target = folder.path + "/elsewhere"
        try Data().write(to: URL(fileURLWithPath: target))
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/state/" + name, withDestinationPath: target)
        #expect(refusal(folder)?.kind == .storage)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)).isEmpty)
    }

    @Test("a folder that cannot be made is named, with what to do")
    func noFolder() async throws {
        let folder = try TestFolder()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/state"))
        let error = try #require(refusal(folder))
        #expect(error.kind == .conflict && error.message.contains("\(folder.path)/state is a file"))
        #expect(error.hint.contains("--state"))
        let below = JournalFolder(path: folder.path + "/state/below")
        #expect(refusal(below)?.kind == .storage)
    }

    @Test("where memory cannot be shared the database is written without a log, durable all the same, and keeps what it is told")
    func withoutSharedMemory() async throws {
        let folder = try TestFolder()
        var place = folder.journal
        place.refusesSharedMemory = true
        let journal = try Journal(folder: place)
        let settings = try await journal.group.commit { db, _ in
            [try String.fetchOne(db, sql: "PRAGMA journal_mode"), try String.fetchOne(db, sql: "PRAGMA synchronous")]
        }
        #expect(settings == ["delete", "3"])
        let job = try await journal.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 { group.addTask { for number in 0..<10 { try await job.record("\(lane)/\(number)") } } }
            try await group.waitForAll()
        }
        try await job.keep(step: "s", "v")
        let reader = try JournalReader(folder: place)
        #expect(try reader.effects(.job(job.job.id)).count == 80)
        try await job.stop()
        _ = try reader.verify()
        journal.close()
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/journal.sqlite-wal"))
        let again = try await Journal(folder: place).hold()
        #expect(try await again.recorded("7/9")?.outcome == .settled)
        #expect(try await again.step("s") == "v")
    }

    @Test("with a log every commit waits for the disk")
    func settings() async throws {
        let folder = try TestFolder()
        let settings = try await Journal(folder: folder.journal).group.commit { db, _ in
            [try String.fetchOne(db, sql: "PRAGMA journal_mode"), try String.fetchOne(db, sql: "PRAGMA synchronous")]
        }
        #expect(settings == ["wal", "2"])
    }

    @Test("texts come back as they were, whatever is in them; a NUL comes back as its picture, and its key is found")
    func texts() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        let keys = [
            "", "a\0b", "\0", "é", "e\u{301}", "😀\n\r\t\u{1}", "'; DROP TABLE effects; --",
            String(repeating: "x", count: 100_000),
        ]
        for key in keys { try await job.record(key) }
        try await job.stop()
        journal.close()
        let again = try await Journal(folder: folder.journal).hold()
        var numbers: Set<Int64> = []
        for key in keys {
            let found = try #require(try await again.recorded(key))
            #expect(Array(found.key.utf8) == Array(key.replacing("\0", with: "\u{2400}").utf8))
            numbers.insert(found.id)
        }
        #expect(numbers.count == keys.count)
        _ = try JournalReader(folder: folder.journal).verify()
    }
}
