import GRDB

/// What a run was when it ended, as a hash in a chain: a run's row changes while it goes on, and afterwards no more.
enum RunSeal {
    private static let columns =
        "id, name, job, started_at, ended_at, state, exit_code, holder, version, command, report"

    /// Records what the row is. To be called in the transaction that changed it last.
    static func write(_ run: Int64, at: Int64, _ heads: inout Heads, _ db: Database) throws {
        guard let (job, name, hash) = try read("WHERE id = \(run)", db).first.map({ ($0.job, $0.name, $0.hash) }) else {
            throw JournalError.damaged("run \(run) of its table runs is missing")
        }
        _ = try ChainedTable.jobEvents.append(job, run, at, "ended", name, hash.hex, to: &heads, db)
    }

    /// The runs whose rows are not what they were when they ended. Those of earlier programs have no seal, and nothing is known of them.
    static func broken(_ db: Database) throws -> [Int64] {
        var sealed: [Int64: String] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT run, value FROM job_events WHERE kind = 'ended' AND run IS NOT NULL ORDER BY id")
        while let row = try rows.next() { sealed[row[0]] = row[1] }
        return try read("ORDER BY id", db).filter { sealed[$0.id] != nil && sealed[$0.id] != $0.hash.hex }.map(\.id)
    }

    /// - Throws: `JournalError` of kind damaged when the row of a run that has ended is not what it was then.
    static func require(_ run: Int64, _ db: Database) throws {
        let sql = "SELECT value FROM job_events WHERE kind = 'ended' AND run = ? ORDER BY id DESC LIMIT 1"
        guard let known = try String.fetchOne(db, sql: sql, arguments: [run]) else { return }
        guard try read("WHERE id = \(run)", db).first?.hash.hex == known else { throw damage(run) }
    }

    static func damage(_ run: Int64) -> JournalError { .damaged("run \(run) of its table runs is not what was written") }

    private struct Read {
        let id: Int64
        let name: String
        let job: Int64
        let hash: ChainHash
    }

    private static func read(_ condition: String, _ db: Database) throws -> [Read] {
        let statement = try db.makeStatement(sql: "SELECT \(columns) FROM runs NOT INDEXED \(condition)")
        let rows = try Row.fetchCursor(statement)
        let row = StoredRow(statement)
        var found: [Read] = []
        var bytes = HashedBytes()
        while try rows.next() != nil {
            bytes.begin(after: .zero, id: row.integer(0))
            for column in 1...10 { row.add(column, to: &bytes) }
            found.append(Read(id: row.integer(0), name: row.text(1), job: row.integer(2), hash: bytes.hash))
        }
        return found
    }
}
