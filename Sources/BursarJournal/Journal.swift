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
            group = GroupCommit(database: database, lock: nil, anchor: nil)
            reader = database
        } catch { throw JournalError(storage: error) }
        self.clock = clock
        folder = nil
    }

    /// Writes what is waiting and lets go of the files. Nothing can be written afterwards.
    public func close() { group.close() }

    private static func open(_ folder: JournalFolder, _ lock: WriteLock) throws -> (GroupCommit, any DatabaseReader) {
        let descriptor = try JournalFolder.open(folder.database)
        Foundation.close(descriptor)
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        let database = try DatabaseQueue(path: folder.database, configuration: configuration)
        var anchor: Anchor
        do {
            try database.writeWithoutTransaction { db in
                try settings(db, isOnNetwork: folder.isOnNetwork)
                try db.inTransaction(.immediate) {
                    try Format.migrate(db, path: folder.database)
                    return .commit
                }
            }
            anchor = try Anchor(path: folder.anchor)
            let heads = try database.read { try Journal.verify($0, anchor, folder) }
            try anchor.write(heads)
        } catch {
            try? database.close()
            throw error
        }
        var reading = Configuration()
        reading.readonly = true
        reading.busyMode = .timeout(30)
        let reader = try DatabaseQueue(path: folder.database, configuration: reading)
        return (GroupCommit(database: database, lock: lock, anchor: anchor), reader)
    }

    /// Every commit waits until the disk has it.
    private static func settings(_ db: Database, isOnNetwork: Bool) throws {
        // The write-ahead log needs memory that all processes share.
        let mode = isOnNetwork ? "delete" : "wal"
        let chosen = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(mode)")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard chosen == mode, level == 2 else {
            throw JournalError(
                .storage, "SQLite does not write as it must here: journal mode \(chosen ?? "none"), synchronous \(level ?? -1)",
                hint: "name another folder with --state DIR; nothing was sent")
        }
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")
    }

    /// Compares the chains with the anchor, reads the jobs whole, and of the effects what came after the anchor.
    static func verify(_ db: Database, _ anchor: Anchor, _ folder: JournalFolder) throws -> Heads {
        var heads = Heads()
        for table in ChainedTable.allCases {
            let known = anchor.known?[table]
            let isSmall = table == .jobs || table == .jobEvents
            if let known, known.count > 0 {
                let sql = "SELECT hash FROM \(table.rawValue) WHERE id = ?"
                guard let hash = try Data.fetchOne(db, sql: sql, arguments: [known.count]) else {
                    let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(table.rawValue)") ?? 0
                    throw JournalError.damaged(
                        "its table \(table.rawValue) ends at row \(last), and had \(known.count): an older state was put back, or "
                            + "journal.sqlite-wal was lost")
                }
                guard Array(hash) == known.hash else {
                    throw JournalError.damaged(
                        "row \(known.count) of its table \(table.rawValue) is not what was written: it was changed, or another "
                            + "journal was put in its place")
                }
            }
            heads[table] = try table.verify(from: isSmall ? 1 : (known?.count ?? 0) + 1, db)
            guard anchor.known != nil || heads[table].count == 0 else {
                throw JournalError.damaged("\(folder.anchor), which says where it ends, is missing")
            }
        }
        return heads
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
        case .SQLITE_FULL:
            self.init(.storage, "the disk of the journal is full", hint: "nothing further was sent; make room, then run again")
        default:
            self.init(
                .storage, "the journal cannot be read or written: \(text) (\(error.extendedResultCode.rawValue))",
                hint: "nothing further was sent; look at its disk and its folder, then run again")
        }
    }
}
