import GRDB

/// Texts that do not fit in memory, by any of their names: in a database that has no name on disk and is gone with the process. SQLite
/// keeps the first megabytes of it in memory.
public final class SpillStore: Sendable {
    /// A text and the names it is found by. Every name is of one text only.
    public struct Entry: Sendable {
        public let names: [String]
        public let text: String

        /// - Parameter names: without line breaks.
        public init(names: [String], text: String) {
            self.names = names
            self.text = text
        }
    }

    private let database: DatabaseQueue

    /// - Throws: `JournalError` where there is no place for it.
    public init() throws(JournalError) {
        do {
            // No path: SQLite makes a file of its own that nobody else can read, and removes its name at once.
            database = try DatabaseQueue(path: "")
            try database.writeWithoutTransaction { db in
                // It need not outlast anything.
                try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384")
                try db.execute(
                    sql: """
                        CREATE TABLE texts (number INTEGER PRIMARY KEY, names TEXT NOT NULL, text TEXT NOT NULL);
                        CREATE TABLE names (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID
                        """)
            }
        } catch { throw JournalError(spilling: error) }
    }

    /// Puts texts away.
    /// - Throws: `JournalError` where the disk takes no more. What is in the store is not known then: it is of no more use.
    public func put(_ entries: [Entry]) throws(JournalError) {
        do {
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    let texts = try db.cachedStatement(sql: "INSERT INTO texts (names, text) VALUES (?, ?)")
                    let names = try db.cachedStatement(sql: "INSERT INTO names VALUES (?, ?)")
                    for entry in entries {
                        try texts.execute(arguments: [entry.names.joined(separator: "\n"), entry.text])
                        let number = db.lastInsertedRowID
                        for name in entry.names { try names.execute(arguments: [name, number]) }
                    }
                    return .commit
                }
            }
        } catch { throw JournalError(spilling: error) }
    }

    /// Takes the text of a name out.
    /// - Returns: nil where there is none of that name.
    public func take(_ name: String) throws(JournalError) -> String? {
        do {
            return try database.writeWithoutTransaction { db in
                let known = try db.cachedStatement(sql: "SELECT number FROM names WHERE name = ?")
                guard let number = try Int64.fetchOne(known, arguments: [name]) else { return nil }
                let found = try db.cachedStatement(sql: "SELECT names, text FROM texts WHERE number = ?")
                guard let row = try Row.fetchOne(found, arguments: [number]) else { return nil }
                let names: String = row[0]
                let text: String = row[1]
                for name in names.split(separator: "\n") {
                    try db.cachedStatement(sql: "DELETE FROM names WHERE name = ?").execute(arguments: [String(name)])
                }
                try db.cachedStatement(sql: "DELETE FROM texts WHERE number = ?").execute(arguments: [number])
                return text
            }
        } catch { throw JournalError(spilling: error) }
    }

    /// All texts, in the order they were put away in. They stay.
    public func each(_ body: (String) -> Void) throws(JournalError) {
        do {
            try database.read { db in
                let texts = try String.fetchCursor(db, sql: "SELECT text FROM texts ORDER BY number")
                while let text = try texts.next() { body(text) }
            }
        } catch { throw JournalError(spilling: error) }
    }
}

extension JournalError {
    fileprivate init(spilling error: any Error) {
        let text = (error as? DatabaseError)?.message ?? "\(error)"
        self.init(
            .storage, "a temporary file cannot be used: \(text)",
            hint: "make room in the folder for temporary files, or name another one in SQLITE_TMPDIR")
    }
}
