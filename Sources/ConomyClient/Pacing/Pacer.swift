package import ConomyAPI
import Synchronization

/// Makes callers wait as `Pace` says.
final class Pacer: Sendable {
    private enum Verdict: Sendable {
        case go(Pace.Ticket)
        case cancelled
        case late
        /// The API asked for a wait that is longer than a call waits.
        case held(for: Duration)
    }

    private struct State {
        var pace: Pace
        var waits: [Int: Wait<Verdict>] = [:]
        var lastCaller = 0
        /// The earliest alarm that is set.
        var alarm: Duration?
    }

    private let alarms: Alarms
    private let longestWait: Duration
    private let state: Mutex<State>

    /// - Parameter longestWait: a hold that is longer fails whoever asks for a turn, at once.
    init(_ pace: Pace, alarms: Alarms, longestWait: Duration = .seconds(600)) {
        self.alarms = alarms
        self.longestWait = longestWait
        state = Mutex(State(pace: pace))
    }

    /// Waits for a turn. Every ticket goes back through `end`.
    /// - Throws: `cancelled`, or `unreachable`: with code `call_timeout` when the turn would come after `deadline`, with code
    ///   `wait_too_long` when the API asked callers to stay away for longer than a call waits.
    func admit(before deadline: Duration) async throws(CallFailure) -> Pace.Ticket {
        let now = alarms.clock.now
        let wait = Wait<Verdict>()
        let (caller, ticket) = state.withLock { state -> (Int, Pace.Ticket?) in
            state.lastCaller += 1
            let held = state.pace.heldUntil - now
            guard held <= longestWait, state.pace.heldUntil < deadline else {
                wait.settle(held > longestWait ? .held(for: held) : .late)
                return (state.lastCaller, nil)
            }
            if let ticket = state.pace.ask(state.lastCaller, at: now) { return (state.lastCaller, ticket) }
            state.waits[state.lastCaller] = wait
            setAlarm(&state)
            return (state.lastCaller, nil)
        }
        if let ticket { return ticket }
        let alarm = alarms.set(at: deadline) { wait.settle(.late) }
        let verdict = await withTaskCancellationHandler {
            await wait.value()
        } onCancel: {
            wait.settle(.cancelled)
        }
        alarms.cancel(alarm)
        if case .go(let ticket) = verdict {
            if alarms.clock.now < deadline { return ticket }
            end(ticket, .unused)
            throw .late
        }
        state.withLock { state in
            state.waits[caller] = nil
            state.pace.leave(caller)
        }
        // Who left may have stood before others who can go.
        admitWaiting()
        switch verdict {
        case .cancelled: throw .stopped
        case .held(let held): throw .held(for: held, longest: longestWait)
        case .late, .go: throw .late
        }
    }

    /// How many wait for a turn.
    var waiting: Int { state.withLock { $0.waits.count } }

    var snapshot: PaceSnapshot {
        let now = alarms.clock.now
        return state.withLock { state in
            PaceSnapshot(
                inFlight: state.pace.inFlight, window: state.pace.window, waiting: state.waits.count,
                held: state.pace.heldUntil > now ? state.pace.heldUntil - now : nil,
                requestsPerSecond: state.pace.requestsPerSecond)
        }
    }

    func end(_ ticket: Pace.Ticket, _ outcome: Pace.Outcome) {
        state.withLock { $0.pace.end(ticket, outcome) }
        admitWaiting()
    }

    /// Holds everybody back until `due`. Where that is longer than a call waits, those that wait for a turn fail.
    func hold(until due: Duration) {
        let held = due - alarms.clock.now
        let waits = state.withLock { state -> [Wait<Verdict>] in
            state.pace.hold(until: due)
            return held > longestWait ? Array(state.waits.values) : []
        }
        for wait in waits { wait.settle(.held(for: held)) }
    }

    private func admitWaiting() {
        let now = alarms.clock.now
        let admitted = state.withLock { state -> [(Wait<Verdict>?, Pace.Ticket)] in
            let admitted = state.pace.admitted(at: now).map { (state.waits.removeValue(forKey: $0.caller), $0.ticket) }
            setAlarm(&state)
            return admitted
        }
        for (wait, ticket) in admitted where wait?.settle(.go(ticket)) != true {
            // It was cancelled or late in this very moment.
            end(ticket, .unused)
        }
    }

    private func setAlarm(_ state: inout State) {
        guard let wake = state.pace.wakeTime, state.alarm.map({ wake < $0 }) ?? true else { return }
        state.alarm = wake
        _ = alarms.set(at: wake) { [weak self] in
            guard let self else { return }
            self.state.withLock { $0.alarm = nil }
            self.admitWaiting()
        }
    }
}

extension CallFailure {
    /// Its turn did not come in time.
    static let late = CallFailure(
        .unreachable, code: "call_timeout", "the call waited for its turn longer than it may take; nothing was sent",
        hint: "the API asked callers to slow down: run again later, or raise the call timeout")

    /// The API wants no calls for longer than a call waits.
    static func held(for wait: Duration, longest: Duration) -> CallFailure {
        CallFailure(
            .unreachable, code: "wait_too_long",
            "the API asks callers to wait \(wait.components.seconds) s; a call waits \(longest.components.seconds) s at most",
            hint: "nothing was sent: run again after that time")
    }

    /// The run is being stopped, and this call was not sent.
    package static let stopped = CallFailure(.cancelled, code: "cancelled", "the run is being stopped; the call was not sent")
}
