import Crypto
import Foundation
import GRDB

/// The end of one table's chain: how many rows there are, and the hash of the last one.
struct ChainHead: Sendable, Equatable {
    var count: Int64 = 0
    var hash = [UInt8](repeating: 0, count: ChainHead.size)

    /// Bytes of a hash: the first half of a SHA-256.
    static let size = 16

    /// The hash of a row: of the row before it, its own number, and each of its values with its length, so that nothing can move
    /// from one column into the next.
    static func hash(after previous: [UInt8], id: Int64, _ values: [DatabaseValue]) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(previous.count + 16 + values.count * 32)
        withUnsafeBytes(of: id.littleEndian) { bytes.append(contentsOf: $0) }
        for value in values {
            switch value.storage {
            case .null: bytes.append(0)
            case .int64(let number):
                bytes.append(1)
                withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
            case .double(let number):
                bytes.append(2)
                withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            case .string(let text): append(3, Array(text.utf8), to: &bytes)
            case .blob(let data): append(4, Array(data), to: &bytes)
            }
        }
        return Array(SHA256.hash(data: bytes).prefix(size))
    }

    private static func append(_ kind: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(kind)
        withUnsafeBytes(of: Int64(content.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: content)
    }
}

/// The tables whose rows are written once, numbered without gaps from 1, and chained by hashes: a row that was changed, lost or
/// taken back shows.
enum ChainedTable: String, CaseIterable, Sendable {
    case jobs, jobEvents = "job_events", effects, attempts, steps

    /// Its columns between `id` and `hash`.
    var columns: [String] {
        switch self {
        case .jobs: ["at", "name", "environment", "target", "script", "arguments", "identity", "generation", "seed"]
        case .jobEvents: ["job", "run", "at", "kind", "name", "value"]
        case .effects:
            ["job", "run", "at", "key", "row", "operation", "object", "stamp", "amount", "currency", "request", "location"]
        case .attempts: ["effect", "job", "run", "at", "kind", "outcome", "status", "result", "answer", "detail"]
        case .steps: ["job", "run", "at", "name", "value"]
        }
    }

    var insertion: String {
        let names = ["id"] + columns + ["hash"]
        return
            "INSERT INTO \(rawValue)(\(names.joined(separator: ", "))) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))"
    }

    var selection: String { "SELECT id, \(columns.joined(separator: ", ")), hash FROM \(rawValue)" }

    /// Appends a row. To be called in a transaction; `heads` is taken back by the caller when that fails.
    /// - Returns: the row's number.
    func append(_ values: [(any DatabaseValueConvertible)?], to heads: inout Heads, _ db: Database) throws -> Int64 {
        precondition(values.count == columns.count)
        let values = values.map { $0?.databaseValue ?? .null }
        var head = heads[self]
        head.count += 1
        head.hash = ChainHead.hash(after: head.hash, id: head.count, values)
        let statement = try db.cachedStatement(sql: insertion)
        try statement.execute(
            arguments: StatementArguments([head.count.databaseValue] + values + [Data(head.hash).databaseValue]))
        heads[self] = head
        return head.count
    }

    /// Reads rows in their order and compares each with its hash.
    /// - Parameter first: the number of the first row to look at.
    /// - Throws: `JournalError` of kind damaged at the first row that is not as it was written.
    func verify(from first: Int64 = 1, _ db: Database, _ body: (Row) throws -> Void = { _ in }) throws -> ChainHead {
        var head = ChainHead()
        if first > 1 {
            guard let hash = try Data.fetchOne(db, sql: "SELECT hash FROM \(rawValue) WHERE id = ?", arguments: [first - 1])
            else {
                throw lost(first - 1)
            }
            head = ChainHead(count: first - 1, hash: Array(hash))
        }
        let rows = try Row.fetchCursor(db, sql: selection + " WHERE id >= ? ORDER BY id", arguments: [first])
        let count = columns.count
        while let row = try rows.next() {
            let id: Int64 = row[0]
            guard id == head.count + 1 else { throw lost(head.count + 1) }
            let hash = ChainHead.hash(after: head.hash, id: id, (1...count).map { row[$0] as DatabaseValue })
            guard (row[count + 1] as Data?).map(Array.init) == hash else {
                throw JournalError.damaged("row \(id) of its table \(rawValue) is not what was written")
            }
            try body(row)
            head = ChainHead(count: id, hash: hash)
        }
        return head
    }

    private func lost(_ id: Int64) -> JournalError { JournalError.damaged("row \(id) of its table \(rawValue) is missing") }
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
            self[table] = ChainHead(count: row[0], hash: Array(row[1] as Data))
        }
    }
}

extension JournalError {
    static func damaged(_ what: String) -> JournalError {
        JournalError(
            .damaged, "the journal is damaged: \(what)",
            hint:
                "nothing was sent. Put back the newest copy of its folder and run again, or look at what is known with bursar journal "
                + "verify, compare it with the bank, and accept it with bursar journal accept")
    }
}
