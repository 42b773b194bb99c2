/// How a client's calls go at one moment.
public struct PaceSnapshot: Sendable, Equatable {
    /// Tries that are under way.
    public let inFlight: Int
    /// How many may be under way at once by now.
    public let window: Int
    /// How many wait for their turn.
    public let waiting: Int
    /// For how long nobody starts, because the API asked for it; nil when nobody is held back.
    public let held: Duration?
    /// The cap on starts; nil where there is none.
    public let requestsPerSecond: Double?

    public init(inFlight: Int, window: Int, waiting: Int, held: Duration?, requestsPerSecond: Double?) {
        self.inFlight = inFlight
        self.window = window
        self.waiting = waiting
        self.held = held
        self.requestsPerSecond = requestsPerSecond
    }
}
