import Foundation
import GRDB

/// The end of one table's chain: how many rows there are, and the hash of the last one.
struct ChainHead: Sendable, Equatable {
    var count: Int64 = 0
    var hash = ChainHash.zero
}

/// The tables whose rows are written once, numbered without gaps from 1, and chained by hashes: a row that was changed, lost or
/// taken back shows.
enum ChainedTable: String, CaseIterable, Sendable {
    case jobs, jobEvents = "job_events", effects, attempts, steps

    /// Its columns between `id` and `hash`.
    var columns: [String] {
        switch self {
        case .jobs:
            // The last three: where the chains stood when the job began. What it did lies behind.
            [
                "at", "name", "environment", "target", "script", "arguments", "identity", "generation", "seed", "effects_before",
                "attempts_before", "steps_before",
            ]
        case .jobEvents: ["job", "run", "at", "kind", "name", "value"]
        case .effects:
            ["job", "run", "at", "key", "row", "operation", "object", "stamp", "amount", "currency", "request", "location"]
        case .attempts: ["effect", "job", "run", "at", "kind", "outcome", "status", "result", "answer", "detail"]
        case .steps: ["job", "run", "at", "name", "value"]
        }
    }

    static func type(of column: String) -> String {
        switch column {
        case "at", "job", "run", "effect", "generation", "status", "effects_before", "attempts_before", "steps_before": "INTEGER"
        default: "TEXT"
        }
    }

    /// The place of a column in the rows that `verify` hands out.
    func place(of column: String) -> Int {
        guard let place = columns.firstIndex(of: column) else { preconditionFailure("\(rawValue) has no column \(column)") }
        return place + 1
    }

    private static let insertions = Dictionary(
        uniqueKeysWithValues: allCases.map { table in
            let names = ["id"] + table.columns + ["hash"]
            let places = names.map { _ in "?" }.joined(separator: ", ")
            return (table, "INSERT INTO \(table.rawValue)(\(names.joined(separator: ", "))) VALUES (\(places))")
        })

    /// Appends a row. To be called in a transaction; `heads` is taken back by the caller when that fails.
    ///
    /// A NUL in a text is written as its picture: SQLite's texts end at the first one.
    /// - Parameter values: one for each column, in their order.
    /// - Returns: the row's number.
    func append<each Value: ChainedValue>(_ values: repeat each Value, to heads: inout Heads, _ db: Database) throws -> Int64 {
        var head = heads[self]
        head.count += 1
        var row = HashedRow(after: head.hash, id: head.count)
        repeat (each values).add(to: &row)
        precondition(row.count == columns.count)
        head.hash = row.hash
        try row.insert(with: db.cachedStatement(sql: ChainedTable.insertions[self, default: ""]))
        heads[self] = head
        return head.count
    }

    /// The hash that a row has; nil where there is no such row.
    func hash(of id: Int64, _ db: Database) throws -> ChainHash? {
        ChainHash(try Data.fetchOne(db, sql: "SELECT hash FROM \(rawValue) WHERE id = ?", arguments: [id]))
    }

    /// Reads rows in their order and compares each with its hash.
    /// - Parameters:
    ///   - before: the number of the last row that is not looked at.
    ///   - end: how the chain ends, where that is known: rows behind it are not looked at.
    /// - Throws: `JournalError` of kind damaged at the first row that is not as it was written.
    func verify(after before: Int64 = 0, end: ChainHead? = nil, _ db: Database, _ body: (StoredRow) throws -> Void = { _ in })
        throws -> ChainHead
    {
        var head = ChainHead()
        if before > 0 {
            guard let hash = try hash(of: before, db) else { throw lost(before) }
            head = ChainHead(count: before, hash: hash)
        }
        let statement = try db.makeStatement(
            sql: "SELECT id, \(columns.joined(separator: ", ")), hash FROM \(rawValue) WHERE id > ? AND id <= ? ORDER BY id")
        let rows = try Row.fetchCursor(statement, arguments: [before, end?.count ?? Int64.max])
        let row = StoredRow(statement)
        let count = columns.count
        var bytes = HashedBytes()
        while try rows.next() != nil {
            let id = row.integer(0)
            guard id == head.count + 1 else { throw lost(head.count + 1) }
            bytes.begin(after: head.hash, id: id)
            for column in 1...count { row.add(column, to: &bytes) }
            let hash = bytes.hash
            guard row.withBytes(count + 1, { ChainHash(stored: $0) }) == hash else {
                throw JournalError.broken("row \(id) of its table \(rawValue) is not what was written")
            }
            try body(row)
            head = ChainHead(count: id, hash: hash)
        }
        if let end {
            guard head.count == end.count else { throw lost(head.count + 1) }
            guard head.hash == end.hash else {
                throw JournalError.broken("row \(head.count) of its table \(rawValue) is not what was written")
            }
        }
        return head
    }

    private func lost(_ id: Int64) -> JournalError { JournalError.broken("row \(id) of its table \(rawValue) is missing") }
}

/// The ends of all chains.
struct Heads: Sendable, Equatable {
    private var heads: [ChainHead]

    init() { heads = ChainedTable.allCases.map { _ in ChainHead() } }

    subscript(table: ChainedTable) -> ChainHead {
        get { heads[Heads.position(of: table)] }
        set { heads[Heads.position(of: table)] = newValue }
    }

    private static func position(of table: ChainedTable) -> Int {
        switch table {
        case .jobs: 0
        case .jobEvents: 1
        case .effects: 2
        case .attempts: 3
        case .steps: 4
        }
    }

    /// As the database has them.
    init(_ db: Database) throws {
        self.init()
        for table in ChainedTable.allCases {
            let sql = "SELECT id, hash FROM \(table.rawValue) ORDER BY id DESC LIMIT 1"
            guard let row = try Row.fetchOne(db, sql: sql) else { continue }
            guard let hash = ChainHash(row[1] as Data?) else {
                throw JournalError.damaged("row \(row[0] as Int64) of its table \(table.rawValue) is not what was written")
            }
            self[table] = ChainHead(count: row[0], hash: hash)
        }
    }

    var isEmpty: Bool { heads.allSatisfy { $0.count == 0 } }

    /// Compares with what is known of an earlier moment.
    /// - Throws: `JournalError` of kind damaged when the database does not hold what was there then.
    func requireInside(_ db: Database) throws {
        for table in ChainedTable.allCases where self[table].count > 0 {
            let known = self[table]
            guard let hash = try table.hash(of: known.count, db) else {
                let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(table.rawValue)") ?? 0
                throw JournalError.damaged(
                    "its table \(table.rawValue) ends at row \(last), and had \(known.count): an older state was put back, or "
                        + "journal.sqlite-wal was lost")
            }
            guard hash == known.hash else {
                throw JournalError.damaged(
                    "row \(known.count) of its table \(table.rawValue) is not what was written: it was changed, or another "
                        + "journal was put in its place")
            }
        }
    }
}

extension JournalError {
    static func damaged(_ what: String) -> JournalError {
        JournalError(
            .damaged, "the journal is damaged: \(what)",
            hint:
                "nothing further was sent. Put back the newest copy of its folder and run again, or look at what is known with bursar journal "
                + "verify, compare it with the bank, and accept it with bursar journal accept")
    }

    /// Damage that no person's word can mend: what is there is not what was written.
    static func broken(_ what: String) -> JournalError {
        JournalError(
            .damaged, "the journal is damaged: \(what)",
            hint:
                "nothing further was sent. Put back the newest copy of its folder and run again: this cannot be accepted, and an empty journal "
                + "knows nothing of what was done, and would do it again")
    }
}

extension String {
    /// The same with a picture for each NUL; nil where there is none.
    var withoutNUL: String? { utf8.contains(0) ? replacing("\0", with: "\u{2400}") : nil }
}
