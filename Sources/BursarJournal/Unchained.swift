import GRDB

/// The tables that are in no chain: their rows change, and no hash would show that one was lost. What they decide is compared with what
/// the chains say.
enum Unchained {
    /// Who holds a job, which runs there were, and what limited sums are at.
    private static let tables = ["runs", "leases", "sums"]

    /// - Throws: `JournalError` of kind damaged.
    static func verify(_ db: Database) throws {
        for table in tables {
            // An earlier program's journal that is only read has not all of them.
            guard try db.tableExists(table) else { continue }
            let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(table))")
            guard problems == ["ok"] else { throw JournalError.damaged("SQLite says: \(problems.joined(separator: "; "))") }
        }
        try requireReferences(db)
        try requireRuns(db)
        try requireHolders(db)
        try Reservation.verify(db)
    }

    /// Who holds a job is written down with its run, too: a holder that never was could not be told from one that lives.
    private static func requireHolders(_ db: Database) throws {
        let sql = "SELECT l.job FROM leases l JOIN runs r ON r.id = l.run WHERE l.holder <> r.holder LIMIT 1"
        guard let job = try Int64.fetchOne(db, sql: sql) else { return }
        throw JournalError.damaged("who holds job \(job) is not what was written")
    }

    /// What the chains say of each other: whatever was lost of them was lost of all at once, but for what somebody deleted.
    /// - Throws: `JournalError` of kind damaged when there is a row of something that is not there: the next of its kind would get it.
    static func requireReferences(_ db: Database) throws {
        let references = [
            ("attempts", "effect", "effects"), ("effects", "job", "jobs"), ("leases", "job", "jobs"), ("runs", "job", "jobs"),
        ]
        for (table, column, owner) in references {
            let sql = "SELECT coalesce(max(\(column)), 0), (SELECT coalesce(max(id), 0) FROM \(owner)) FROM \(table)"
            guard let row = try Row.fetchOne(db, sql: sql), (row[0] as Int64) > (row[1] as Int64) else { continue }
            throw JournalError.broken(
                "its table \(table) speaks of \(column) \(row[0] as Int64), and its table \(owner) ends with \(row[1] as Int64)")
        }
    }

    /// As `verify`, and compares each run that has ended with what it was then.
    static func verifyWhole(_ db: Database) throws {
        try verify(db)
        for run in try RunSeal.broken(db) { throw RunSeal.damage(run) }
    }

    /// Runs are numbered without gaps and never deleted, and what they did names them.
    /// - Throws: `JournalError` of kind damaged when one is missing: what it did would belong to none, or to the next one.
    static func requireRuns(_ db: Database) throws {
        let count = try Int64.fetchOne(db, sql: "SELECT count(*) FROM runs") ?? 0
        guard let missing = try firstMissingRun(count, db) else { return }
        throw JournalError.damaged("run \(missing) of its table runs is missing")
    }

    private static func firstMissingRun(_ count: Int64, _ db: Database) throws -> Int64? {
        guard count < (try lastRun(db)) else { return nil }
        let sql =
            "SELECT min(id) FROM (SELECT 0 AS id UNION ALL SELECT id FROM runs) r WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = r.id + 1)"
        return (try Int64.fetchOne(db, sql: sql) ?? 0) + 1
    }

    /// The number of the last run that anything speaks of.
    static func lastRun(_ db: Database) throws -> Int64 {
        let sql =
            "SELECT max(coalesce(max(id), 0), coalesce((SELECT max(run) FROM leases), 0), coalesce((SELECT max(run) FROM job_events), 0)) FROM runs"
        return try Int64.fetchOne(db, sql: sql) ?? 0
    }
}
