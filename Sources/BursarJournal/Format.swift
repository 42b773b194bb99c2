import Foundation
import GRDB

/// The form of the database, by version. Each version is reached from the one before it by a migration.
enum Format {
    /// The version that this program writes. It reads all earlier ones, by migrating them.
    static let version = 1
    /// Says in the file's header that it is ours: "Brsr".
    static let application = 0x4272_7372

    /// Brings the database to this program's version.
    /// - Throws: `JournalError` of kind format when it is a newer program's, or not ours at all.
    static func migrate(_ db: Database, path: String) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty, found == 0 {
            try db.execute(sql: "PRAGMA application_id = \(Format.application)")
        } else {
            try check(found, application, path)
        }
        for version in found..<max(found, Format.version) {
            try migrations[version](db)
            try db.execute(sql: "PRAGMA user_version = \(version + 1)")
        }
    }

    /// - Throws: `JournalError` of kind format.
    static func check(_ found: Int, _ application: Int, _ path: String) throws(JournalError) {
        guard application == Format.application else {
            throw JournalError(
                .format, "\(path) is a database, and not a journal of Bursar", hint: "name another folder with --state DIR")
        }
        guard found <= version else {
            throw JournalError(
                .format,
                "\(path) has the format \(found), and this program knows formats up to \(version): a newer Bursar wrote it",
                hint: "use that version; nothing was sent and nothing changed")
        }
    }

    private static let migrations: [@Sendable (Database) throws -> Void] = [
        { db in
            for table in ChainedTable.allCases {
                // Integers, texts and blobs stay what they were written as.
                let columns = table.columns.map { "\($0) ANY" }.joined(separator: ", ")
                try db.execute(
                    sql: "CREATE TABLE \(table.rawValue)(id INTEGER PRIMARY KEY, \(columns), hash BLOB NOT NULL) STRICT")
            }
            try db.execute(
                sql: """
                    CREATE INDEX jobs_identity ON jobs(identity);
                    CREATE INDEX effects_key ON effects(job, key);
                    CREATE INDEX effects_object ON effects(object, operation) WHERE object IS NOT NULL;
                    CREATE INDEX attempts_effect ON attempts(effect);
                    CREATE INDEX attempts_result ON attempts(result) WHERE result IS NOT NULL;
                    CREATE INDEX steps_name ON steps(job, name);
                    CREATE TABLE runs(
                      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, job INTEGER NOT NULL, started_at INTEGER NOT NULL,
                      ended_at INTEGER, state TEXT NOT NULL, exit_code INTEGER, holder TEXT NOT NULL, version TEXT NOT NULL,
                      command TEXT NOT NULL, report TEXT) STRICT;
                    CREATE INDEX runs_job ON runs(job);
                    CREATE TABLE leases(
                      job INTEGER PRIMARY KEY, fence INTEGER NOT NULL, run INTEGER, holder TEXT, renewals INTEGER NOT NULL,
                      renewed_at INTEGER NOT NULL, uptime INTEGER NOT NULL) STRICT;
                    CREATE TABLE rows(
                      job INTEGER NOT NULL, loop TEXT NOT NULL, key TEXT NOT NULL, line INTEGER, run INTEGER NOT NULL,
                      status TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(job, loop, key)) STRICT, WITHOUT ROWID;
                    """)
        }
    ]
}
