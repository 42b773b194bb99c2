import GRDB

extension Unchained {
    /// Makes the tables fit the chains again: what can still be read of them stays, what was lost is made from what the chains say.
    ///
    /// A run that is lost is known by what it did: its job, its time, and its name where it came to its end.
    /// - Returns: how many runs were lost.
    /// - Throws: `DatabaseError` where SQLite cannot even empty a table.
    static func mend(at now: Int64, _ heads: inout Heads, _ db: Database) throws -> Int64 {
        for (table, key) in [("leases", "job"), ("runs", "id")] where try !isSound(table, db) { try rewrite(table, key, db) }
        try Reservation.sumAgain(db)
        let lost = try addLostRuns(db)
        try db.execute(
            sql: "UPDATE leases SET holder = coalesce((SELECT holder FROM runs WHERE id = run), holder) WHERE holder IS NOT NULL")
        // From now on they are what they are.
        for run in try RunSeal.broken(db) { try RunSeal.write(run, at: now, &heads, db) }
        return lost
    }

    private static func isSound(_ table: String, _ db: Database) throws -> Bool {
        try String.fetchAll(db, sql: "PRAGMA integrity_check(\(table))") == ["ok"]
    }

    /// Writes a table anew from those of its rows that can be read and hold what they must.
    private static func rewrite(_ table: String, _ key: String, _ db: Database) throws {
        let last = try max(lastRun(db), Int64.fetchOne(db, sql: "SELECT max(id) FROM jobs") ?? 0)
        var rows: [Row] = []
        for id in 0..<last {
            // Not in its order: behind a page that is lost there may be others.
            let sql = "SELECT * FROM \(table) NOT INDEXED WHERE \(key) = ?"
            do {
                if let row = try Row.fetchOne(db, sql: sql, arguments: [id + 1]) { rows.append(row) }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {}
        }
        try db.execute(sql: "DELETE FROM \(table)")
        for row in rows {
            let places = row.columnNames.map { _ in "?" }.joined(separator: ", ")
            do {
                try db.execute(sql: "INSERT INTO \(table) VALUES (\(places))", arguments: StatementArguments(row.databaseValues))
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                // What is not of its column's type, or nothing where there must be something, was lost.
            }
        }
    }

    private static func addLostRuns(_ db: Database) throws -> Int64 {
        let present = Set(try Int64.fetchAll(db, sql: "SELECT id FROM runs"))
        let sql = """
            SELECT run, max(job), min(at), max(name), max(is_done) FROM (
              SELECT run, job, at, NULL AS name, 0 AS is_done FROM effects UNION ALL SELECT run, job, at, NULL, 0 FROM attempts
              UNION ALL SELECT run, job, at, NULL, 0 FROM steps UNION ALL SELECT run, job, renewed_at, NULL, 0 FROM leases
              UNION ALL SELECT run, job, at, CASE WHEN kind IN ('finished', 'ended') THEN name END, kind = 'finished' FROM job_events)
            WHERE run IS NOT NULL GROUP BY run
            """
        var known: [Int64: Row] = [:]
        for row in try Row.fetchAll(db, sql: sql) { known[row[0]] = row }
        let last = max(try lastRun(db), known.keys.max() ?? 0)
        var lost: Int64 = 0
        for id in 1..<last + 1 where !present.contains(id) {
            let row = known[id]
            let name = row?[3] as String?
            let state = row?[4] == 1 ? "done" : name == nil ? "killed" : "stopped"
            try db.execute(
                sql: """
                    INSERT INTO runs(id, name, job, started_at, state, holder, version, command)
                    VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT holder FROM leases WHERE run = ?1), '{}'), 'unknown', '')
                    """,
                // One that did nothing is of no job.
                arguments: [id, name ?? "lost-\(id)", row?[1] ?? 0, row?[2] ?? 0, state])
            lost += 1
        }
        return lost
    }
}
