import Foundation
import GRDB
import GRDBSQLite

/// A row as SQLite holds it in this moment, read byte by byte and without copies: a million of them are compared with their hashes
/// before a job goes on. Not valid any more once its statement has moved on.
struct StoredRow {
    private let statement: SQLiteStatement

    init(_ statement: Statement) { self.statement = statement.sqliteStatement }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, CInt(column)) }

    /// The bytes of a text or a blob; none for nothing.
    func withBytes<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        let start = sqlite3_column_blob(statement, CInt(column))
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, CInt(column)))))
    }

    func isNothing(_ column: Int) -> Bool { sqlite3_column_type(statement, CInt(column)) == SQLITE_NULL }

    func optionalText(_ column: Int) -> String? { isNothing(column) ? nil : text(column) }

    func text(_ column: Int) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

    /// Adds the value of a column as it is hashed.
    func add(_ column: Int, to bytes: inout HashedBytes) {
        switch sqlite3_column_type(statement, CInt(column)) {
        case SQLITE_INTEGER: bytes.add(integer(column))
        case SQLITE_FLOAT: bytes.add(sqlite3_column_double(statement, CInt(column)))
        case SQLITE_TEXT: withBytes(column) { bytes.add(text: $0) }
        case SQLITE_BLOB: withBytes(column) { bytes.add(blob: $0) }
        default: bytes.addNothing()
        }
    }
}
