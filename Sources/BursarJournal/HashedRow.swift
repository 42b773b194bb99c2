import Foundation
import GRDB
import GRDBSQLite

/// A row that is about to be written: its values are copied once, to where the hash is made from them, and bound from there.
struct HashedRow {
    private enum Value {
        case nothing
        case integer(Int64)
        /// Where it lies among the bytes.
        case text(Range<Int>)
    }

    private let id: Int64
    private var bytes = HashedBytes(capacity: 2048)
    private var values: [Value] = []

    init(after previous: ChainHash, id: Int64) {
        self.id = id
        bytes.begin(after: previous, id: id)
        values.reserveCapacity(16)
    }

    mutating func addNothing() {
        bytes.addNothing()
        values.append(.nothing)
    }

    mutating func add(_ number: Int64) {
        bytes.add(number)
        values.append(.integer(number))
    }

    /// A NUL in a text becomes its picture: SQLite's texts end at the first one.
    mutating func add(_ text: String) {
        var text = text
        let hasNUL = text.withUTF8 { text in text.baseAddress.flatMap { memchr($0, 0, text.count) } != nil }
        if hasNUL, let readable = text.withoutNUL { text = readable }
        let count = text.withUTF8 { text in
            bytes.add(text: UnsafeRawBufferPointer(text))
            return text.count
        }
        values.append(.text(bytes.count - count..<bytes.count))
    }

    var count: Int { values.count }

    var hash: ChainHash { bytes.hash }

    /// Writes the row: its number, its values, its hash.
    func insert(with statement: Statement) throws {
        let raw = statement.sqliteStatement
        // What is bound lies in these bytes until the statement has been done, and is let go of before they are.
        defer { sqlite3_clear_bindings(raw) }
        let hash = hash
        let code = bytes.withBytes { bytes in
            withUnsafeBytes(of: hash) { hash in
                var codes = [sqlite3_bind_int64(raw, 1, id)]
                for (place, value) in zip(CInt(2)..., values) {
                    switch value {
                    case .nothing: codes.append(sqlite3_bind_null(raw, place))
                    case .integer(let number): codes.append(sqlite3_bind_int64(raw, place, number))
                    case .text(let range):
                        let start = bytes.baseAddress?.advanced(by: range.lowerBound).assumingMemoryBound(to: CChar.self)
                        codes.append(sqlite3_bind_text(raw, place, start, CInt(range.count), nil))
                    }
                }
                codes.append(sqlite3_bind_blob(raw, CInt(values.count + 2), hash.baseAddress, CInt(hash.count), nil))
                // What is not bound would be written as NULL, beneath the hash of what it should have been.
                if let wrong = codes.first(where: { $0 != SQLITE_OK }) { return wrong }
                let code = sqlite3_step(raw)
                defer { sqlite3_reset(raw) }
                return code
            }
        }
        guard code == SQLITE_DONE else { throw statement.failure(code) }
    }
}

/// What the chained tables hold: whole numbers, texts, and nothing.
protocol ChainedValue {
    func add(to row: inout HashedRow)
}

extension Int64: ChainedValue {
    func add(to row: inout HashedRow) { row.add(self) }
}

extension Int: ChainedValue {
    func add(to row: inout HashedRow) { row.add(Int64(self)) }
}

extension String: ChainedValue {
    func add(to row: inout HashedRow) { row.add(self) }
}

extension Optional: ChainedValue where Wrapped: ChainedValue {
    func add(to row: inout HashedRow) {
        if let self { self.add(to: &row) } else { row.addNothing() }
    }
}

/// The value of a column that has none.
let nothing: Int64? = nil
