import ConomyAPI
import Synchronization

/// Makes callers wait as `Pace` says.
final class Pacer: Sendable {
    private enum Verdict: Sendable {
        case go(Pace.Ticket)
        case cancelled
        case late
    }

    private struct State {
        var pace: Pace
        var waits: [Int: Wait<Verdict>] = [:]
        var lastCaller = 0
        /// The earliest alarm that is set.
        var alarm: Duration?
    }

    private let alarms: Alarms
    private let state: Mutex<State>

    init(_ pace: Pace, alarms: Alarms) {
        self.alarms = alarms
        state = Mutex(State(pace: pace))
    }

    /// Waits for a turn. Every ticket goes back through `end`.
    /// - Throws: `cancelled`, or `unreachable` with code `call_timeout` when the turn would come after `deadline`.
    func admit(before deadline: Duration) async throws(CallFailure) -> Pace.Ticket {
        let now = alarms.clock.now
        let wait = Wait<Verdict>()
        let (caller, ticket) = state.withLock { state -> (Int, Pace.Ticket?) in
            state.lastCaller += 1
            guard state.pace.heldUntil < deadline else {
                wait.settle(.late)
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
        if case .cancelled = verdict { throw .stopped }
        throw .late
    }

    /// How many wait for a turn.
    var waiting: Int { state.withLock { $0.waits.count } }

    func end(_ ticket: Pace.Ticket, _ outcome: Pace.Outcome) {
        state.withLock { $0.pace.end(ticket, outcome) }
        admitWaiting()
    }

    /// Holds everybody back until `due`.
    func hold(until due: Duration) { state.withLock { $0.pace.hold(until: due) } }

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

    /// The run is being stopped, and this call was not sent.
    static let stopped = CallFailure(.cancelled, code: "cancelled", "the run is being stopped; the call was not sent")
}
