/// Anything that can answer a call: the client over HTTP, the simulator in memory, a rehearsal, or a step that decides or
/// records and passes on to the next.
public protocol Performer: Sendable {
    /// Answers `call`.
    ///
    /// A refusal by the API is an `Answer` with its status, not an error.
    /// - Throws: `CallFailure` when there is no answer to give: the call was refused before it was sent, could not be sent,
    ///   or was sent and nothing trustworthy came back.
    func perform(_ call: Call) async throws(CallFailure) -> Answer
}

/// Why a call has no answer.
public struct CallFailure: Error, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The arguments do not fit the contract; nothing was sent.
        case invalid
        /// Bursar itself said no; nothing was sent.
        case refused
        /// The target could not be reached; it provably saw nothing.
        case unreachable
        /// Credentials are missing or were not accepted.
        case credentials
        /// It was sent and no trustworthy answer came back: the effect may or may not have happened.
        case inDoubt = "in_doubt"
        /// The run is being stopped; nothing was sent.
        case cancelled
        /// It could not be recorded, or differs from what is recorded; nothing was sent, and nothing further will be.
        case journal
    }

    public let kind: Kind
    /// What is wrong, with the value and the field, as a sentence without a full stop.
    public let message: String
    /// What to do about it.
    public let hint: String?
    /// Stable, for programs: `unknown_field`, `timeout`.
    public let code: String
    /// The field concerned, as a path: `origins[1].amount`.
    public let path: String?

    public init(_ kind: Kind, code: String, _ message: String, hint: String? = nil, path: String? = nil) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
