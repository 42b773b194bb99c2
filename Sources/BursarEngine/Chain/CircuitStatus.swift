/// Whether calls go to the target at one moment, and what is under way.
public struct CircuitStatus: Sendable {
    public enum Position: Sendable {
        case closed
        case open(Outage)
        /// No call goes any more.
        case over
    }

    /// An outage that goes on.
    public struct Outage: Sendable {
        public let lasted: Duration
        /// What is left of the patience.
        public let left: Duration
        /// How many calls in a row met no working server.
        public let calls: Int
        /// What the last of them met.
        public let cause: String
        /// How often it was looked whether the API is back.
        public let looks: Int
    }

    /// A call that was handed to the client and has not ended.
    public struct CallUnderWay: Sendable {
        public let operation: String
        /// The effect's key; nil for a read.
        public let key: String?
        public let lasted: Duration
    }

    public let position: Position
    /// Calls that wait for the end of an outage.
    public let waiting: Int
    /// Calls that were handed to the client and have not ended.
    public let underWay: Int
    /// The one of them that began first.
    public let oldest: CallUnderWay?
}
