public import ConomyAPI
import GRDB

extension JournalReader {
    /// The newest first; none in a journal of an older program.
    /// - Parameters:
    ///   - state: only those.
    ///   - type: only those, `payment.settled`.
    public func events(state: StoredEvent.State? = nil, type: String? = nil, most: Int) throws(JournalError) -> [StoredEvent] {
        try read { db in
            guard try knowsEvents(db) else { return [] }
            let sql = """
                SELECT \(StoredEvent.columns) FROM events WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR type = ?2)
                ORDER BY id DESC LIMIT ?3
                """
            return try Row.fetchAll(db, sql: sql, arguments: [state?.rawValue, type, most]).map(StoredEvent.init)
        }
    }

    /// The event with this name, or the only one whose name begins with it; nil for none.
    /// - Throws: `JournalError` of kind conflict where several fit.
    public func event(named name: String) throws(JournalError) -> StoredEvent? {
        try read { db in
            guard try knowsEvents(db) else { return nil }
            let sql = "SELECT \(StoredEvent.columns) FROM events WHERE substr(name, 1, length(?1)) = ?1 LIMIT 2"
            let rows = try Row.fetchAll(db, sql: sql, arguments: [name])
            guard rows.count < 2 else {
                throw JournalError(
                    .conflict, "\(name) fits several events", hint: "write more of it; bursar events list shows them")
            }
            return try rows.first.map(StoredEvent.init)
        }
    }

    /// The events of a listener that wait to be handed over at an instant, in the order in which they came.
    public func dueEvents(of listener: String, at now: Timestamp, most: Int) throws(JournalError) -> [StoredEvent] {
        try read { db in
            guard try knowsEvents(db) else { return [] }
            let sql = """
                SELECT \(StoredEvent.columns) FROM events WHERE listener = ? AND state = 'waiting' AND next_at <= ? ORDER BY id LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [listener, now.millisecondsSince1970, most]).map(StoredEvent.init)
        }
    }

    /// How many events there are, by their state.
    public func eventCounts() throws(JournalError) -> [StoredEvent.State: Int] {
        try read { db in
            guard try knowsEvents(db) else { return [:] }
            let rows = try Row.fetchAll(db, sql: "SELECT state, count(*) FROM events GROUP BY state")
            return Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in StoredEvent.State(rawValue: row[0]).map { ($0, row[1]) } })
        }
    }

    /// Whether anything about an object came at an instant or after it.
    public func hasEvent(about object: String, since instant: Timestamp) throws(JournalError) -> Bool {
        try read { db in
            guard try knowsEvents(db) else { return false }
            let sql = "SELECT 1 FROM events WHERE object = ? AND received_at >= ? LIMIT 1"
            return try Int.fetchOne(db, sql: sql, arguments: [object, instant.millisecondsSince1970]) != nil
        }
    }

    private func knowsEvents(_ db: Database) throws -> Bool { try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 3 }
}
