import ConomyAPI
import ConomyClient
import Logging
import Synchronization

/// Performs by passing on, and keeps calls back while nobody is there, as `Breaker` says.
final class BreakerKeeper: Performer {
    private struct UnderWay {
        let operation: String
        let key: String?
        let since: Duration
    }

    private struct State {
        var breaker: Breaker
        /// Calls that wait for the end of an outage. They are settled with the reason why they may not go, or with nil.
        var waits: [Int: Wait<CallFailure?>] = [:]
        var underWay: [Int: UnderWay] = [:]
        var lastCall = 0
        var isStopping = false
        var looking: Task<Void, Never>?

        mutating func begin(_ number: Int, _ call: Call, at now: Duration) {
            underWay[number] = UnderWay(operation: call.operation.name, key: call.key, since: now)
        }
    }

    /// What a look asks for: one row of a list.
    static let lookCall = Call(
        Catalogue.conomy["payments.list"] ?? Catalogue.conomy.authenticate, query: [("limit", "1")])
    /// How long it may take.
    private static let lookTimeout = Duration.seconds(10)

    private let next: any Performer
    private let look: @Sendable () async throws(CallFailure) -> Answer
    private let clock: any ClientClock
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter look: one try of a cheap read.
    init(
        next: any Performer, breaker: Breaker, clock: any ClientClock, logger: Logger,
        look: @escaping @Sendable () async throws(CallFailure) -> Answer
    ) {
        self.next = next
        self.look = look
        self.clock = clock
        self.logger = logger
        state = Mutex(State(breaker: breaker))
    }

    /// The breaker around a target's client.
    convenience init(around client: ConomyClient, _ options: RunOptions, clock: any ClientClock = SystemClock(), logger: Logger) {
        self.init(
            next: client,
            breaker: Breaker(patience: options.patience ?? options.target.patience, seed: options.seed),
            clock: clock, logger: logger
        ) { () throws(CallFailure) in try await client.performOnce(BreakerKeeper.lookCall, timeout: BreakerKeeper.lookTimeout) }
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let number = try await admit(call)
        do throws(CallFailure) {
            let answer = try await next.perform(call)
            ended(number, Sighting(answer, to: call.operation))
            return answer
        } catch {
            ended(number, Sighting(error))
            throw error
        }
    }

    /// Nobody waits for the end of an outage any more: calls that would, fail as not sent. Calls that went end as they end.
    func stop() {
        let (waits, looking) = state.withLock { state in
            state.isStopping = true
            return (Array(state.waits.values), state.looking)
        }
        looking?.cancel()
        for wait in waits { wait.settle(.stopped) }
    }

    var status: CircuitStatus {
        let now = clock.now
        return state.withLock { state in
            let position: CircuitStatus.Position =
                switch state.breaker.state {
                case .closed: .closed
                case .over: .over
                case .open(let outage):
                    .open(
                        .init(
                            lasted: now - outage.since, left: max(.zero, outage.since + state.breaker.patience - now),
                            calls: outage.calls, cause: outage.cause, looks: outage.looks))
                }
            let oldest = state.underWay.min { $0.key < $1.key }?.value
            return CircuitStatus(
                position: position, waiting: state.waits.count, underWay: state.underWay.count,
                oldest: oldest.map { .init(operation: $0.operation, key: $0.key, lasted: now - $0.since) })
        }
    }

    /// Waits until the call may go.
    /// - Returns: its number, which goes back through `ended`.
    private func admit(_ call: Call) async throws(CallFailure) -> Int {
        let (number, wait) = state.withLock { state -> (Int, Wait<CallFailure?>?) in
            state.lastCall += 1
            let admission = state.breaker.admission
            if case .go = admission {
                state.begin(state.lastCall, call, at: clock.now)
                return (state.lastCall, nil)
            }
            let wait = Wait<CallFailure?>()
            switch admission {
            case .wait where !state.isStopping: state.waits[state.lastCall] = wait
            case .fail(let failure): wait.settle(failure)
            case .go, .wait: wait.settle(.stopped)
            }
            return (state.lastCall, wait)
        }
        guard let wait else { return number }
        let failure = await withTaskCancellationHandler {
            await wait.value()
        } onCancel: {
            wait.settle(.stopped)
        }
        guard let failure else {
            state.withLock { $0.begin(number, call, at: clock.now) }
            return number
        }
        state.withLock { _ = $0.waits.removeValue(forKey: number) }
        throw failure
    }

    private func ended(_ number: Int, _ sighting: Sighting) {
        act(
            on: state.withLock { state in
                state.underWay[number] = nil
                return state.breaker.ended(sighting, at: clock.now)
            })
    }

    private func act(on event: Breaker.Event?) {
        switch event {
        case nil: break
        case .opened(let outage):
            logger.warning(
                "the API does not answer: calls wait until it does",
                metadata: ["calls_in_a_row": "\(outage.calls)", "cause": "\(outage.cause)"])
            let looking = Task { await look(in: outage.number) }
            let isStopping = state.withLock { state in
                state.looking = looking
                return state.isStopping
            }
            if isStopping { looking.cancel() }
        case .closed(let outage):
            logger.info(
                "the API answers again: calls go on",
                metadata: ["after": "\(Span.words(clock.now - outage.since))", "looks": "\(outage.looks)"])
            release(with: nil)
        case .over(let failure): release(with: failure)
        }
    }

    private func release(with failure: CallFailure?) {
        let (waits, looking) = state.withLock { state in
            defer {
                state.waits = [:]
                state.looking = nil
            }
            return (state.waits.sorted { $0.key < $1.key }.map(\.value), state.looking)
        }
        looking?.cancel()
        for wait in waits { wait.settle(failure) }
    }

    private func look(in outage: Int) async {
        while let due = state.withLock({ $0.breaker.nextLook(in: outage, at: clock.now) }) {
            await clock.sleep(until: due)
            guard !Task.isCancelled else { return }
            let sighting: Sighting
            do throws(CallFailure) {
                sighting = Sighting(try await look(), to: BreakerKeeper.lookCall.operation)
            } catch { sighting = Sighting(error) }
            guard !Task.isCancelled else { return }
            act(on: state.withLock { $0.breaker.looked(sighting, in: outage, at: clock.now) })
        }
    }
}
