import ConomyAPI
import ConomyClient
import Synchronization

/// A clock that moves when told, and by itself over waits up to `jumps`: a backoff passes at once, a timeout set further ahead
/// stays.
final class TestClock: ClientClock {
    private struct State {
        var now: Duration = .seconds(1000)
        var sleepers: [Int: (due: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
        var lastID = 0
        var jumped: [Duration] = []
    }
    private let state = Mutex(State())
    private let jumps: Duration
    private let wallStart: Timestamp

    init(jumps: Duration = .zero, wall: String = "2026-04-17T12:00:00Z") {
        self.jumps = jumps
        wallStart = Timestamp(wall) ?? Timestamp(millisecondsSince1970: 0)
    }

    var now: Duration { state.withLock { $0.now } }
    /// The waits passed over so far.
    var jumped: [Duration] { state.withLock { $0.jumped } }

    var sleeps: Int { state.withLock { $0.sleepers.count } }
    /// How long it is until the first sleeper is due.
    var nextWait: Duration? { state.withLock { state in state.sleepers.values.map { $0.due - state.now }.min() } }
    /// True when somebody sleeps until then, or less than that.
    func sleepsUntil(_ due: Duration) -> Bool { state.withLock { state in state.sleepers.values.contains { $0.due <= due } } }

    var wallNow: Timestamp {
        let passed = (now - .seconds(1000)).components
        return wallStart.adding(milliseconds: passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000)
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let woken = state.sleepers.filter { $0.value.due <= state.now }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    func sleep(until due: Duration) async {
        let id = state.withLock { state -> Int? in
            let wait = due - state.now
            if wait <= jumps {
                if wait > .zero { state.jumped.append(wait) }
                state.now = max(state.now, due)
                return nil
            }
            state.lastID += 1
            return state.lastID
        }
        guard let id else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if Task.isCancelled || due <= state.now { return true }
                    state.sleepers[id] = (due, continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}
