import ConomyAPI
import ConomyClient
import Synchronization

/// A clock that moves when told.
final class VirtualClock: ClientClock {
    private struct State {
        var now = Duration.zero
        var sleepers: [Int: (due: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
        var lastID = 0
        var appointment: (due: Duration, act: @Sendable () -> Void)?

        /// Who is to be woken, and what is to be done, by now.
        mutating func due() -> (woken: [CheckedContinuation<Void, Never>], act: (@Sendable () -> Void)?) {
            let woken = sleepers.filter { $0.value.due <= now }
            for id in woken.keys { sleepers[id] = nil }
            guard let appointment, appointment.due <= now else { return (woken.values.map(\.continuation), nil) }
            self.appointment = nil
            return (woken.values.map(\.continuation), appointment.act)
        }
    }
    private let state = Mutex(State())

    var now: Duration { state.withLock { $0.now } }
    var wallNow: Timestamp { Timestamp(millisecondsSince1970: Int64(now / .milliseconds(1))) }
    /// When the first sleeper is due.
    var nextDue: Duration? { state.withLock { $0.sleepers.values.map(\.due).min() } }

    /// Does something the moment the clock comes to an instant, before anybody wakes then.
    func at(_ due: Duration, _ act: @escaping @Sendable () -> Void) { state.withLock { $0.appointment = (due, act) } }

    func advance(to due: Duration) {
        let (woken, act) = state.withLock { state in
            state.now = max(state.now, due)
            return state.due()
        }
        act?()
        for continuation in woken { continuation.resume() }
    }

    func sleep(until due: Duration) async {
        let id = state.withLock { state -> Int? in
            guard due > state.now else { return nil }
            state.lastID += 1
            return state.lastID
        }
        guard let id else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || due <= state.now { return true }
                    state.sleepers[id] = (due, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}
