import ConomyAPI
import Foundation
import Fuzzing
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

/// Whatever happens to the files: a journal either says that it is damaged, or gives exactly what was acknowledged.
@Suite("A damaged journal is noticed")
struct DamageTests {
    /// What one job is known to have done.
    struct Truth: Sendable {
        var outcomes: [String: EffectOutcome?] = [:]
        var steps: [String: String] = [:]
    }

    /// A journal as a killed run leaves it, with its log, and what it acknowledged.
    static func killed(effects: Int, in folder: TestFolder, isClosed: Bool = false) async throws -> (
        files: [String: Data], truth: Truth
    ) {
        let journal = try Journal(folder: folder.journal)
        // Another job, so that theirs has rows of others before, between and behind its own.
        let other = try await journal.hold(beginning("others"))
        for number in 0..<effects / 4 { try await other.record("o\(number)") }
        let job = try await journal.hold()
        var truth = Truth()
        for number in 0..<effects {
            let outcome: EffectOutcome? = [.settled, .declined, .inDoubt, nil, .settled][number % 5]
            try await job.record("key \(number)", outcome)
            truth.outcomes["key \(number)"] = outcome
            if number % 10 == 0 {
                try await other.record("between \(number)")
                try await job.keep(step: "step \(number)", "value \(number)")
                truth.steps["step \(number)"] = "value \(number)"
            }
        }
        try await job.flush()
        if isClosed {
            // An end would count as a run more; only the log is moved.
            journal.close()
            return (try folder.everything(), truth)
        }
        let files = try folder.everything()
        journal.close()
        return (files, truth)
    }

    /// Opens the journal as it is now and takes the job up again.
    /// - Returns: what was wrong; nil when all was there.
    static func difference(_ folder: TestFolder, _ truth: Truth) async throws -> String? {
        do {
            let clock = TestClock()
            let journal = try Journal(folder: folder.journal, clock: clock.clock)
            defer { journal.close() }
            guard case .held(let job) = try await journal.begin(beginning(), pause: { clock.move($0) }) else {
                return "it is finished"
            }
            guard !job.isNew else { return "its job is new" }
            for (key, outcome) in truth.outcomes {
                guard let found = try await job.recorded(key) else { return "\(key) is lost" }
                guard found.outcome == outcome else { return "\(key) was \(outcome as Any) and is \(found.outcome as Any)" }
            }
            for (name, value) in truth.steps where try await job.step(name) != value { return "\(name) is lost" }
            return nil
        } catch {
            switch error.kind {
            case .damaged, .format, .storage: return nil
            case .lease, .conflict: return "\(error)"
            }
        }
    }

    @Test("bits that flip in the database")
    func bitsOfTheDatabase() async throws { try await flip("journal.sqlite", isClosed: true) }

    @Test("bits that flip in the write-ahead log")
    func bitsOfTheLog() async throws { try await flip("journal.sqlite-wal", isClosed: false) }

    func flip(_ name: String, isClosed: Bool) async throws {
        let folder = try TestFolder()
        let (files, truth) = try await Self.killed(effects: 60, in: folder, isClosed: isClosed)
        let bytes = try #require(files["state/" + name])
        #expect(bytes.count > 8000)
        var random = FuzzRandom(seed: FuzzBudget.seed)
        for round in 0..<400 {
            try folder.put(back: files)
            var damaged = bytes
            let (place, bit) = (random.number(0...bytes.count - 1), random.number(0...7))
            damaged[place] ^= 1 << UInt8(bit)
            try folder.write(damaged, to: name)
            let difference = try await Self.difference(folder, truth)
            #expect(difference == nil, "round \(round), bit \(bit) of byte \(place)")
        }
    }

    @Test(
        "files cut off anywhere, the anchor among them",
        arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.head", "journal.sqlite-shm"])
    func cuts(name: String) async throws {
        let folder = try TestFolder()
        let (files, truth) = try await Self.killed(effects: 40, in: folder)
        let bytes = try #require(files["state/" + name])
        var random = FuzzRandom(seed: FuzzBudget.seed)
        for length in [0, 1, 511, 512, 513, 4096] + (0..<60).map({ _ in random.number(0...bytes.count - 1) })
        where length < bytes.count {
            try folder.put(back: files)
            try folder.write(bytes.prefix(length), to: name)
            let difference = try await Self.difference(folder, truth)
            #expect(difference == nil, "cut to \(length)")
        }
    }

    @Test("a file that is gone", arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.head"])
    func lostFiles(name: String) async throws {
        let folder = try TestFolder()
        let (files, _) = try await Self.killed(effects: 20, in: folder)
        try folder.put(back: files)
        folder.remove(name)
        for _ in 0..<2 {
            // The second time is no better than the first.
            #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        }
        if name == "journal.sqlite" {
            // Whoever only looks must not hear that there was none: the next run would be sent to make one.
            #expect(try await kind { _ = try JournalReader(folder: folder.journal) } == .damaged)
        }
        if name != "journal.sqlite-wal" {
            #expect(try folder.bytes("journal.sqlite-wal") == files["state/journal.sqlite-wal"])
        }
    }

    @Test("shared memory that is gone or rubbish is no damage")
    func lostSharedMemory() async throws {
        let folder = try TestFolder()
        let (files, truth) = try await Self.killed(effects: 20, in: folder)
        for content in [nil, Data(repeating: 0x5a, count: 32768)] {
            try folder.put(back: files)
            folder.remove("journal.sqlite-shm")
            if let content { try folder.write(content, to: "journal.sqlite-shm") }
            let journal = try Journal(folder: folder.journal)
            #expect(try await journal.hold().recorded("key 0") != nil)
            journal.close()
            #expect(try await Self.difference(folder, truth) == nil)
        }
    }

    @Test("an older copy of the database, with and without its log, under a newer anchor", arguments: [true, false])
    func olderDatabase(withLog: Bool) async throws {
        let folder = try TestFolder()
        let (old, _) = try await Self.killed(effects: 20, in: folder)
        try folder.put(back: old)
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("later")
        journal.close()
        try folder.write(try #require(old["state/journal.sqlite"]), to: "journal.sqlite")
        if withLog { try folder.write(try #require(old["state/journal.sqlite-wal"]), to: "journal.sqlite-wal") }
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        #expect(try await kind { _ = try JournalReader(folder: folder.journal).verify() } == .damaged)
    }

    @Test("an older copy of the whole folder, by the second anchor; without that one there is nothing to see it by")
    func olderFolder() async throws {
        let folder = try TestFolder()
        let (old, _) = try await Self.killed(effects: 20, in: folder)
        try folder.put(back: old)
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("later")
        journal.close()
        #expect(try JournalReader(folder: folder.journal).damage == nil)
        try folder.put(back: old, below: "state")
        #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        #expect(try await kind { _ = try JournalReader(folder: folder.journal).verify() } == .damaged)
        // What it still knows can be looked at, with that in mind.
        let reader = try JournalReader(folder: folder.journal)
        #expect(try reader.damage?.kind == .damaged && !reader.effects(.open).isEmpty)
        // Another host has no second anchor; that is no damage.
        try FileManager.default.removeItem(atPath: folder.path + "/xdg")
        let elsewhere = try Journal(folder: folder.journal)
        try await elsewhere.hold().record("goes on")
    }

    @Test("a copy at another place goes its own way")
    func copiedFolder() async throws {
        let folder = try TestFolder()
        let (old, truth) = try await Self.killed(effects: 20, in: folder)
        try folder.put(back: old)
        try FileManager.default.copyItem(atPath: folder.path + "/state", toPath: folder.path + "/copy")
        let journal = try Journal(folder: folder.journal)
        try await journal.hold().record("here")
        journal.close()
        let copy = JournalFolder(path: folder.path + "/copy", environment: ["XDG_STATE_HOME": folder.path + "/xdg"])
        let other = try Journal(folder: copy)
        try await other.hold().record("there")
        other.close()
        #expect(try await Self.difference(folder, truth) == nil)
        _ = try JournalReader(folder: folder.journal).verify()
        _ = try JournalReader(folder: copy).verify()
    }

    @Test("an anchor of which one place is torn still counts")
    func tornAnchor() async throws {
        let folder = try TestFolder()
        let (files, truth) = try await Self.killed(effects: 20, in: folder)
        let head = try #require(files["state/journal.head"])
        for place in [0, 512] {
            try folder.put(back: files)
            var torn = head
            torn.replaceSubrange(place + 30..<place + 200, with: Data(repeating: 0, count: 170))
            try folder.write(torn, to: "journal.head")
            #expect(try await Self.difference(folder, truth) == nil)
            try folder.put(back: files)
            try folder.write(torn, to: "journal.head")
            folder.remove("journal.sqlite-wal")
            #expect(try await kind { _ = try Journal(folder: folder.journal) } == .damaged)
        }
    }

    @Test(
        "files that are deleted or replaced under a run stop it before it acknowledges anything more",
        arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.head"])
    func deletedUnderARun(name: String) async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        try await job.record("a")
        let bytes = try folder.bytes(name)
        folder.remove(name)
        try folder.write(bytes, to: name)
        #expect(try await kind { try await job.record("b") } == .damaged)
        #expect(await job.mayLeave() != nil)
    }

    @Test("an index that lost entries makes no effect unknown, no job new and no repetition pass")
    func lostIndexEntries() async throws {
        for index in ["effects_key", "attempts_effect", "effects_object", "effects_operation", "runs_job"] {
            let folder = try TestFolder()
            let (_, truth) = try await Self.killed(effects: 20, in: folder, isClosed: true)
            // What a flipped bit could do to a whole subtree: the index is emptied behind the table's back.
            let database = try DatabaseQueue(path: folder.journal.database)
            try await database.writeWithoutTransaction { db in
                let table = index.split(separator: "_")[0]
                let root = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [index]) ?? 0
                let column = try Row.fetchAll(db, sql: "PRAGMA index_info(\(index))").map { $0["name"] as String? ?? "id" }
                try db.execute(
                    sql: """
                        PRAGMA writable_schema = ON;
                        CREATE TABLE bare(\(column.joined(separator: ", ")), id PRIMARY KEY) WITHOUT ROWID;
                        """)
                _ = (table, root)
                let bare = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'bare'") ?? 0
                try db.execute(sql: "UPDATE sqlite_schema SET rootpage = \(bare) WHERE name = '\(index)'")
                try db.execute(sql: "DELETE FROM sqlite_schema WHERE name = 'bare'; PRAGMA writable_schema = RESET")
            }
            try database.close()
            #expect(try await Self.difference(folder, truth) == nil, "\(index)")
            if index == "attempts_effect" {
                let job = try await Journal(folder: folder.journal).hold()
                let readBack = try await kind { try await job.eachSettled { _ in } }
                #expect(readBack == .damaged, "what is settled would not be compared with the bank")
            }
            guard index.hasPrefix("effects_o") else { continue }
            let journal = try Journal(folder: folder.journal)
            let third = try await journal.hold(beginning("third"))
            let answer = try? await third.intend(intent("x", object: "object of key 0", mustNotRepeat: true))
            if case .recorded = answer { Issue.record("\(index): a repetition passed") }
        }
    }

    @Test("an index that gives an effect the attempts of another is noticed")
    func wrongIndexEntries() async throws {
        let folder = try TestFolder()
        _ = try await Self.killed(effects: 20, in: folder, isClosed: true)
        // What a flipped bit does to one entry, done to all: the index of effects is filled with the numbers of runs.
        let database = try DatabaseQueue(path: folder.journal.database)
        try await database.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP INDEX attempts_effect;
                    CREATE INDEX attempts_effect ON attempts(run);
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_schema SET sql = 'CREATE INDEX attempts_effect ON attempts(effect)' WHERE name = 'attempts_effect';
                    PRAGMA writable_schema = RESET;
                    """)
        }
        try database.close()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        // The others' run is 1, and this one's 2: effect 2 is the others', too, and of what the job did, none has a run's number.
        #expect(try await kind { _ = try await job.effect(1) } == .damaged)
        #expect(try await kind { try await job.eachSettled { _ in } } == .damaged)
        let third = try await journal.hold(beginning("third"))
        #expect(
            try await kind {
                _ = try await third.intend(intent("x", object: "object of o0", mustNotRepeat: true))
            } == .damaged)
    }
}
