import GRDBSQLite

/// The SQLite that the program runs with.
public enum SQLiteLibrary {
    public static var version: String { String(cString: sqlite3_libversion()) }

    /// Before 3.51.3 two connections that move the write-ahead log into the database at the same time can lose what is in it. That
    /// does not happen here: of a journal only the writer moves it, and writers hold a lock that only one has.
    public static var hasResetError: Bool { sqlite3_libversion_number() < 3_051_003 }
}
