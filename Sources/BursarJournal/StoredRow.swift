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

extension Statement {
    /// Binds two texts and hands out each row, without what the library does around a query: for what is asked before each write.
    func eachRow(_ first: String, _ second: String, _ body: (StoredRow) throws -> Void) throws {
        var (first, second) = (first, second)
        // What is bound lies in these bytes until the statement has been done, and is let go of before they are.
        try first.withUTF8 { first in
            try second.withUTF8 { second in
                defer {
                    sqlite3_reset(sqliteStatement)
                    sqlite3_clear_bindings(sqliteStatement)
                }
                for (place, text) in zip(CInt(1)..., [first, second]) {
                    let start = text.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
                    let code = sqlite3_bind_text(sqliteStatement, place, start, CInt(text.count), nil)
                    guard code == SQLITE_OK else { throw failure(code) }
                }
                while true {
                    switch sqlite3_step(sqliteStatement) {
                    case SQLITE_ROW: try body(StoredRow(self))
                    case SQLITE_DONE: return
                    case let code: throw failure(code)
                    }
                }
            }
        }
    }

    /// What SQLite said last.
    func failure(_ code: CInt) -> DatabaseError {
        let message = sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}
