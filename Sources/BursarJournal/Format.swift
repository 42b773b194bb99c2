import Foundation
import GRDB

/// The form of the database, by version. Each version is reached from the one before it by a migration.
enum Format {
    /// The version that this program writes. It reads all earlier ones, by migrating them.
    static let version = 3
    /// Says in the file's header that it is ours: "Brsr".
    static let application = 0x4272_7372

    /// Brings the database to this program's version.
    /// - Throws: `JournalError` of kind format when it is a newer program's, or not ours at all.
    static func migrate(_ db: Database, path: String) throws {
        try check(db, path, acceptsEmpty: true)
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if found == 0 { try db.execute(sql: "PRAGMA application_id = \(Format.application)") }
        for version in found..<max(found, Format.version) {
            try migrations[version](db)
            try db.execute(sql: "PRAGMA user_version = \(version + 1)")
        }
    }

    /// What tells this journal from all others.
    static func journalID(_ db: Database) throws -> String {
        guard let id = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'journal'") else {
            throw JournalError.broken("its id is missing")
        }
        return id
    }

    /// - Parameter acceptsEmpty: whether a database without anything in it will do.
    /// - Throws: `JournalError` of kind format.
    static func check(_ db: Database, _ path: String, acceptsEmpty: Bool = false) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        if acceptsEmpty, found == 0, application == 0,
            try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        {
            return
        }
        guard application == Format.application, found > 0 else {
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
                // Each with its type: two columns without one are not compared by an index.
                let columns = table.columns.map { "\($0) \(ChainedTable.type(of: $0))" }.joined(separator: ", ")
                try db.execute(
                    sql: "CREATE TABLE \(table.rawValue)(id INTEGER PRIMARY KEY, \(columns), hash BLOB NOT NULL) STRICT")
            }
            try db.execute(
                sql: """
                    CREATE INDEX effects_key ON effects(job, key);
                    CREATE INDEX effects_object ON effects(object, operation) WHERE object IS NOT NULL;
                    CREATE INDEX effects_operation ON effects(operation, object) WHERE object IS NOT NULL;
                    CREATE INDEX attempts_effect ON attempts(effect);
                    CREATE INDEX attempts_result ON attempts(result) WHERE result IS NOT NULL;
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
                    CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
                    INSERT INTO meta VALUES ('journal', lower(hex(randomblob(16))));
                    """)
        },
        { db in
            // What limited sums are at, and what each effect has added to them. Sums of days that are over stay: they are few.
            try db.execute(
                sql: """
                    CREATE TABLE sums(scope TEXT NOT NULL, unit TEXT NOT NULL, units INTEGER NOT NULL, PRIMARY KEY(scope, unit))
                      STRICT, WITHOUT ROWID;
                    CREATE TABLE reservations(
                      effect INTEGER NOT NULL, scope TEXT NOT NULL, unit TEXT NOT NULL, units INTEGER NOT NULL, held INTEGER NOT NULL,
                      PRIMARY KEY(effect, scope, unit)) STRICT, WITHOUT ROWID;
                    """)
        },
        { db in
            // What schedules remember of slots that have no job, and since when each is in force; and the events that were received. That
            // a slot or an event is done once does not hang on them: its job says so.
            try db.execute(
                sql: """
                    CREATE TABLE slots(
                      schedule TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, exit_code INTEGER, at INTEGER NOT NULL,
                      PRIMARY KEY(schedule, name)) STRICT, WITHOUT ROWID;
                    CREATE TABLE schedules(name TEXT PRIMARY KEY, definition TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                    CREATE INDEX job_events_slot ON job_events(name) WHERE kind = 'slot';
                    CREATE TABLE events(
                      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, listener TEXT NOT NULL, identity TEXT NOT NULL,
                      type TEXT NOT NULL, object TEXT, body BLOB NOT NULL, received_at INTEGER NOT NULL, repeats INTEGER NOT NULL,
                      state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, problem TEXT,
                      UNIQUE(listener, identity)) STRICT;
                    CREATE INDEX events_object ON events(object) WHERE object IS NOT NULL;
                    CREATE INDEX events_waiting ON events(listener, next_at) WHERE state = 'waiting';
                    """)
        },
    ]
}
