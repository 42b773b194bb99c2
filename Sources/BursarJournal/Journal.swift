import ConomyAPI
import Foundation
import GRDB

/// The durable record of jobs, runs and effects, open for writing. The only way to write it is to hold a job (`begin`), or to decide
/// what is in doubt (`resolve`).
public final class Journal: Sendable {
    let group: GroupCommit
    /// Reads what is committed, beside the writer.
    let reader: any DatabaseReader
    public let clock: JournalClock
    /// Nil for a journal in memory.
    public let folder: JournalFolder?

    /// Opens the journal in a folder, and makes it where there is none.
    ///
    /// What earlier programs wrote is brought to this program's format. Before anything else the chains are compared with the anchor, the
    /// jobs are read whole, and so is everything after the anchor: `begin` reads the rest of its job.
    /// - Throws: `JournalError`; the files are as they were.
    public init(folder: JournalFolder, clock: JournalClock = .system) throws(JournalError) {
        try folder.make()
        let lock = try WriteLock(path: folder.lock)
        do {
            (group, reader) = try lock.whileHeld { try Journal.open(folder, lock) }
        } catch { throw JournalError(storage: error) }
        self.clock = clock
        self.folder = folder
    }

    /// A journal that is gone with the process: for the embedded bank, which is gone, too.
    public init(clock: JournalClock = .system) throws(JournalError) {
        do {
            let database = try DatabaseQueue()
            try database.write { try Format.migrate($0, path: "memory") }
            group = GroupCommit(database: database)
            reader = database
        } catch { throw JournalError(storage: error) }
        self.clock = clock
        folder = nil
    }

    /// Writes what is waiting and lets go of the files. Nothing can be read or written afterwards.
    public func close() {
        group.flush()
        // First the reader: the last connection to close moves the write-ahead log into the database, and only the writer may.
        if folder != nil { try? reader.close() }
        group.close()
    }

    private static func open(_ folder: JournalFolder, _ lock: WriteLock) throws -> (GroupCommit, any DatabaseReader) {
        let anchor = Anchor.read(path: folder.anchor)
        try requireDatabase(folder, anchor)
        try folder.makeDatabase()
        let database = try writer(folder) { db in
            let second = try folder.secondAnchor(ofJournal: Format.journalID(db)).map { Anchor.read(path: $0) }
            try compare(db, anchor, second, folder)
        }
        do {
            let (heads, secondPath) = try database.read { db in
                let secondPath = try folder.secondAnchor(ofJournal: Format.journalID(db))
                return (try verify(db, anchor, secondPath.map { Anchor.read(path: $0) }, folder), secondPath)
            }
            var files = [folder.database, folder.anchor]
            if !folder.isWithoutSharedMemory { files.append(folder.writeAheadLog) }
            let anchors = try Anchors(path: folder.anchor, secondPath: secondPath, heads: heads)
            do {
                let identities = try files.map { path in
                    guard let identity = FileIdentity(path: path) else { throw JournalError.damaged("\(path) is missing") }
                    return identity
                }
                let reader = try Journal.reader(folder)
                return (
                    GroupCommit(database: database, lock: lock, heads: heads, anchors: anchors, files: identities), reader
                )
            } catch {
                anchors.close()
                throw error
            }
        } catch {
            try? database.close()
            throw error
        }
    }

    /// A database that is lost is not made anew: SQLite would drop the log that goes with it.
    static func requireDatabase(_ folder: JournalFolder, _ anchor: Anchor.Content) throws(JournalError) {
        guard JournalFolder.size(folder.database) == 0 else { return }
        var isNew = JournalFolder.size(folder.writeAheadLog) == 0
        switch anchor {
        case .missing: break
        case .unreadable: isNew = false
        case .known(let heads, _): isNew = isNew && heads.isEmpty
        }
        guard isNew else { throw .damaged("\(folder.database) is missing or empty, and once was not") }
    }

    private static func reader(_ folder: JournalFolder) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(30)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF") }
        return try DatabaseQueue(path: folder.database, configuration: configuration)
    }

    /// A connection that can write, to a database of this program's format. To be opened and closed under the lock.
    /// - Parameter look: asked, of a journal that is there already, whether it may be opened for writing.
    static func writer(_ folder: JournalFolder, look: (Database) throws -> Void = { _ in }) throws -> DatabaseQueue {
        // What is not ours, a newer program's or damaged is not even opened for writing: that would move its log.
        if JournalFolder.size(folder.database) > 0, JournalFolder.size(folder.database + "-journal") == 0 {
            let looked = try reader(folder)
            defer { try? looked.close() }
            try looked.read { db in
                try Format.check(db, folder.database, acceptsEmpty: true)
                if try Int.fetchOne(db, sql: "PRAGMA user_version") == Format.version { try look(db) }
            }
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        let database = try DatabaseQueue(path: folder.database, configuration: configuration)
        do {
            try database.writeWithoutTransaction { db in
                try Format.check(db, folder.database, acceptsEmpty: true)
                try settings(db, folder)
                try db.inTransaction(.immediate) {
                    try Format.migrate(db, path: folder.database)
                    return .commit
                }
            }
            return database
        } catch {
            try? database.close()
            throw error
        }
    }

    /// Every commit waits until the disk has it.
    private static func settings(_ db: Database, _ folder: JournalFolder) throws {
        // The write-ahead log needs memory that all processes share. Without it a commit is a file that is deleted, and only EXTRA
        // makes that durable.
        let (mode, level) = folder.isWithoutSharedMemory ? ("delete", 3) : ("wal", 2)
        let chosen = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(mode)")
        try db.execute(sql: "PRAGMA synchronous = \(level); PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")
        let found = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard chosen == mode, found == level else {
            throw JournalError(
                .storage, "SQLite does not write as it must here: journal mode \(chosen ?? "none"), synchronous \(found ?? -1)",
                hint: "name another folder with --state DIR; nothing was sent")
        }
        // With room for what many transactions touch, pages stay: to free and to read them again costs more than to write them.
        try db.execute(
            sql:
                "PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -16000; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF"
        )
    }

    /// Compares the chains with the anchors, reads the jobs whole, and of the effects what came after the anchor.
    private static func verify(_ db: Database, _ anchor: Anchor.Content, _ second: Anchor.Content?, _ folder: JournalFolder)
        throws -> Heads
    {
        try compare(db, anchor, second, folder)
        var known = Heads()
        if case .known(let heads, _) = anchor { known = heads }
        var heads = Heads()
        for table in ChainedTable.allCases {
            // The jobs are few, and nothing else is asked whether one is known.
            let isSmall = table == .jobs || table == .jobEvents
            heads[table] = try table.verify(after: isSmall ? 0 : known[table].count, db)
        }
        try Unchained.verify(db)
        return heads
    }

    /// Looks for what the anchors say in the database.
    /// - Throws: `JournalError` of kind damaged.
    static func compare(_ db: Database, _ anchor: Anchor.Content, _ second: Anchor.Content?, _ folder: JournalFolder) throws {
        switch anchor {
        case .missing:
            guard try Heads(db).isEmpty else {
                throw JournalError.damaged("\(folder.anchor), which says where it ends, is missing")
            }
        case .unreadable: throw JournalError.damaged("\(folder.anchor), which says where it ends, cannot be read")
        case .known(let heads, _): try heads.requireInside(db)
        }
        // Where there is none, or it was cut off, there was no other promise.
        if case .known(let heads, _) = second { try heads.requireInside(db) }
    }
}

extension JournalError {
    /// What SQLite, or the system beneath it, said.
    init(storage error: any Error) {
        if let own = error as? JournalError {
            self = own
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.storage, "the journal cannot be used: \(error)", hint: "nothing further was sent; run again once it can")
            return
        }
        let text = error.message ?? "error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged("SQLite says: \(text)")
        // All that is asked of it is fixed: what it does not know of itself was taken out of it.
        case .SQLITE_ERROR where text.hasPrefix("no such"): self = .broken("SQLite says: \(text)")
        case .SQLITE_FULL:
            self.init(.storage, "the disk of the journal is full", hint: "nothing further was sent; make room, then run again")
        default:
            self.init(
                .storage, "the journal cannot be read or written: \(text) (\(error.extendedResultCode.rawValue))",
                hint: "nothing further was sent; look at its disk and its folder, then run again")
        }
    }
}
