public import ConomyAPI
import Foundation
import GRDB

/// An event of the API as the journal holds it.
public struct StoredEvent: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// To be handed to a handler, now or again later.
        case waiting
        case done
        /// The script has no handler for it.
        case unhandled
        /// Its handler failed as often as it may, or in a way that another try does not change.
        case failed
    }

    /// Twelve characters by which people and runs call it.
    public let name: String
    /// Whose it is: the handlers' script and its environment.
    public let listener: String
    /// `payment.settled`
    public let type: String
    /// The payment or customer that it is about.
    public let object: String?
    /// The bytes as they were received.
    public let body: [UInt8]
    public let receivedAt: Timestamp
    /// How often it came again.
    public let repeats: Int
    public let state: State
    /// How often it was handed over.
    public let attempts: Int
    /// While it waits: not before.
    public let nextAt: Timestamp
    /// Why it failed last.
    public let problem: String?

    static let columns = "name, listener, type, object, body, received_at, repeats, state, attempts, next_at, problem"

    init(_ row: Row) throws {
        guard let state = State(rawValue: row[7]) else {
            throw JournalError.damaged("an event has the state \(row[7] as String)")
        }
        name = row[0]
        listener = row[1]
        type = row[2]
        object = row[3]
        body = Array(row[4] as Data)
        receivedAt = Timestamp(millisecondsSince1970: row[5])
        repeats = row[6]
        self.state = state
        attempts = row[8]
        nextAt = Timestamp(millisecondsSince1970: row[9])
        problem = row[10]
    }
}
