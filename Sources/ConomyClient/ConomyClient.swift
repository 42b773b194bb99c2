public import ConomyAPI
public import Logging

/// The contract over HTTP: every call with its token and headers, paced, tried again where that is safe, and answered only by
/// what fits the contract and the call.
///
/// Making one is cheap: threads, connections and the token come with the first call. Safe to use from any number of tasks; all
/// of them share one token and one pace. `shutdown()` must be called before it is released.
public final class ConomyClient: Performer {
    public let environment: ClientEnvironment
    private let options: ClientOptions
    private let logger: Logger
    private let alarms: Alarms
    private let pacer: Pacer
    private let wire: Wire
    private let keeper: TokenKeeper

    /// - Parameter logger: gets one line a try at debug level, without secrets and without bodies.
    public init(environment: ClientEnvironment, options: ClientOptions = ClientOptions(), logger: Logger) {
        self.environment = environment
        self.options = options
        self.logger = logger
        for secret in environment.credentials.all { options.redaction.add(secret) }
        let alarms = Alarms(clock: options.clock)
        let pacer = Pacer(
            Pace(maximumInFlight: options.maximumInFlight, requestsPerSecond: options.requestsPerSecond), alarms: alarms,
            longestWait: options.longestWait)
        let wire = Wire(environment: environment, options: options, logger: logger, alarms: alarms, pacer: pacer)
        self.alarms = alarms
        self.pacer = pacer
        self.wire = wire
        keeper = TokenKeeper(alarms: alarms) { await TokenRequest(wire: wire).fetch() }
    }

    /// Ends connections and threads. Calls under way fail: writes in doubt, reads as unreachable. Later calls are refused.
    public func shutdown() async {
        keeper.shutdown()
        await wire.transport.shutdown()
    }

    /// How its calls go right now.
    public var pace: PaceSnapshot { pacer.snapshot }

    /// Asks for a token where there is none, and for nothing else: finds out whether the API is there and accepts the credentials.
    /// - Throws: `credentials` where they were not accepted; `unreachable` where nothing trustworthy answered.
    public func authenticate() async throws(CallFailure) {
        _ = try await keeper.token(before: alarms.clock.now + options.callTimeout)
    }

    /// Sends the call, as often as that is safe, and answers with what the API said.
    ///
    /// A refusal by the API is an answer; so is a read's 5xx after the last try. A write that was sent is awaited although the
    /// task is cancelled, for `cancellationGrace` at most.
    /// - Throws: `credentials` where these were not accepted; `unreachable` where nothing was performed, or a read has no
    ///   trustworthy answer; `inDoubt` where a write was sent and no trustworthy answer came; `cancelled` where nothing was sent
    ///   because the task was cancelled.
    public func perform(_ call: Call) async throws(CallFailure) -> Answer {
        try await perform(call, tries: options.maximumAttempts, timeout: options.attemptTimeout)
    }

    /// The same with a single try that may take `timeout`: finds out whether the API is there. It waits for its turn like any call.
    public func performOnce(_ call: Call, timeout: Duration) async throws(CallFailure) -> Answer {
        try await perform(call, tries: 1, timeout: timeout)
    }

    private func perform(_ call: Call, tries: Int, timeout: Duration) async throws(CallFailure) -> Answer {
        let deadline = alarms.clock.now + options.callTimeout
        var hasRenewed = false
        var attempt = 1
        while true {
            if Task.isCancelled { throw .stopped }
            let (token, ticket) = try await turn(before: deadline)
            if let failure = await call.departure?() {
                pacer.end(ticket, .unused)
                throw failure
            }
            // A write that has begun keeps its full time: cut short, it would be in doubt for nothing.
            let seen = await wire.send(
                call, ticket: ticket, authorization: token.authorization, attempt: attempt,
                before: call.operation.effect == .read ? deadline : nil,
                grace: call.operation.effect == .read ? .zero : options.cancellationGrace, timeout: timeout)
            switch wire.next(call.operation, seen, attempt: attempt, hasRenewed: hasRenewed, tries: tries) {
            case .answer(let answer): return answer
            case .fail(let failure): throw failure
            case .renewToken:
                // Not a try: the call was turned away at the door.
                keeper.rejected(token)
                hasRenewed = true
            case .again(let wait):
                try await wire.pause(wait, after: attempt, before: deadline, seen, call.operation)
                attempt += 1
            }
        }
    }

    /// A token and leave to start, both good at the same moment.
    private func turn(before deadline: Duration) async throws(CallFailure) -> (AccessToken, Pace.Ticket) {
        while true {
            let token = try await keeper.token(before: deadline)
            let ticket = try await pacer.admit(before: deadline)
            // Waiting for a turn may have outlasted the token.
            if let current = keeper.usable() { return (current.generation == token.generation ? token : current, ticket) }
            pacer.end(ticket, .unused)
        }
    }
}
