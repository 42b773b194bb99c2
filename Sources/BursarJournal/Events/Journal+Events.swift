public import ConomyAPI
import Foundation
import GRDB

extension Journal {
    /// What came of storing an event.
    public enum Storing: Sendable, Equatable {
        case stored(String)
        /// It was there already, as this one.
        case repeated(String)
    }

    /// Stores an event; durable on return. One that was stored before, whenever that was, is counted and otherwise left as it is.
    /// - Parameters:
    ///   - listener: whose it is. Another listener's same event is another event.
    ///   - isHandled: whether there is a handler for it.
    public func store(
        _ message: WebhookMessage, body: [UInt8], listener: String, isHandled: Bool
    ) async throws(JournalError) -> Storing {
        let now = clock.now().millisecondsSince1970
        let name = String(ChainHash(of: listener + "\n" + message.identity).hex.prefix(12))
        let state: StoredEvent.State = isHandled ? .waiting : .unhandled
        return try await group.commit { db, _ in
            try db.execute(
                sql: "UPDATE events SET repeats = repeats + 1 WHERE listener = ? AND identity = ?",
                arguments: [listener, message.identity])
            guard db.changesCount == 0 else { return .repeated(name) }
            try db.execute(
                sql: """
                    INSERT INTO events(name, listener, identity, type, object, body, received_at, repeats, state, attempts, next_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)
                    """,
                arguments: [
                    name, listener, message.identity, message.type, message.object, Data(body), now, state.rawValue, now,
                ])
            return .stored(name)
        }
    }

    /// Notes what came of handing an event over; durable on return.
    /// - Parameter nextAt: when it is handed over again, where it waits for that.
    public func note(
        event name: String, _ state: StoredEvent.State, attempts: Int, nextAt: Timestamp, problem: String?
    ) async throws(JournalError) {
        try await group.commit { db, _ in
            try db.execute(
                sql: "UPDATE events SET state = ?, attempts = ?, next_at = ?, problem = ? WHERE name = ?",
                arguments: [state.rawValue, attempts, nextAt.millisecondsSince1970, problem, name])
        }
    }

    /// Has events handed over once more, as if they had just come; durable on return. What their earlier runs did stays done.
    /// - Returns: how many there were.
    public func retry(events names: [String]) async throws(JournalError) -> Int {
        let now = clock.now().millisecondsSince1970
        return try await group.commit { db, _ in
            var count = 0
            for name in names {
                try db.execute(
                    sql: "UPDATE events SET state = 'waiting', attempts = 0, next_at = ? WHERE name = ? AND state <> 'done'",
                    arguments: [now, name])
                count += db.changesCount
            }
            return count
        }
    }
}
