/// How patient and how quick a client is.
public struct ClientOptions: Sendable {
    /// How long one connection may take to come about.
    public var connectTimeout: Duration = .seconds(10)
    /// How long one try of a call may take, from sending to the last byte of the answer.
    public var attemptTimeout: Duration = .seconds(30)
    /// How long a call may take with all its tries and waits. A write that was begun in this time still has the time of its try.
    public var callTimeout: Duration = .seconds(900)
    /// The longest wait a server may ask for; asked for more, a call gives up and says so.
    public var longestWait: Duration = .seconds(600)
    /// How long a write that was sent is still waited for once its task is cancelled.
    public var cancellationGrace: Duration = .seconds(6)
    /// Tries of one call, the first included.
    public var maximumAttempts = 6
    /// Bytes of one answer's body.
    public var maximumAnswerBytes = 8 << 20
    /// Calls under way at once, and connections.
    public var maximumInFlight = 64
    /// Calls started in a second; nil for no cap.
    public var requestsPerSecond: Double?
    /// Spreads the waits between tries. The same seed gives the same waits in the same order.
    public var seed: UInt64
    public var clock: any ClientClock
    /// Hears every request and answer, redacted. It is called on the calling task and should be quick.
    public var trace: HTTPTrace?
    /// Where secrets are made known, so that every sink of the run hides them: the credentials and each token.
    public var redaction: Redaction

    public init(
        seed: UInt64 = .random(in: .min ... .max), clock: any ClientClock = SystemClock(), redaction: Redaction = Redaction(),
        trace: HTTPTrace? = nil
    ) {
        self.seed = seed
        self.clock = clock
        self.redaction = redaction
        self.trace = trace
    }
}
