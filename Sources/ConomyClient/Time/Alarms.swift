import Synchronization

/// All deadlines of a client under one sleeping task: thousands of calls that end in time cost two locks each and no timer.
final class Alarms: Sendable {
    private struct State {
        var alarms: [Int: (due: Duration, ring: @Sendable () -> Void)] = [:]
        var lastID = 0
        /// When the sleeper wakes. It may wake early, never late.
        var armed: Duration?
        var sleeper: Task<Void, Never>?
        var generation = 0
    }

    let clock: any ClientClock
    private let state = Mutex(State())

    init(clock: any ClientClock) { self.clock = clock }

    deinit { state.withLock { $0.sleeper?.cancel() } }

    /// Calls `ring` at `due`, from any thread, unless it is cancelled before.
    func set(at due: Duration, _ ring: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.alarms[state.lastID] = (due, ring)
            if state.armed.map({ due < $0 }) ?? true { arm(&state, due) }
            return state.lastID
        }
    }

    func cancel(_ id: Int) { state.withLock { _ = $0.alarms.removeValue(forKey: id) } }

    /// Suspends until `due`; false when the task was cancelled first.
    func sleep(until due: Duration) async -> Bool {
        let wait = Wait<Bool>()
        let alarm = set(at: due) { wait.settle(true) }
        defer { cancel(alarm) }
        return await withTaskCancellationHandler {
            await wait.value()
        } onCancel: {
            wait.settle(false)
        }
    }

    private func arm(_ state: inout State, _ due: Duration) {
        state.sleeper?.cancel()
        state.generation += 1
        state.armed = due
        let generation = state.generation
        state.sleeper = Task { [weak self, clock] in
            await clock.sleep(until: due)
            self?.wake(generation)
        }
    }

    private func wake(_ generation: Int) {
        let now = clock.now
        let due = state.withLock { state -> [@Sendable () -> Void] in
            // A sleeper that was replaced by an earlier one has nothing to say.
            guard generation == state.generation else { return [] }
            let due = state.alarms.filter { $0.value.due <= now }
            for id in due.keys { state.alarms[id] = nil }
            state.armed = nil
            state.sleeper = nil
            if let next = state.alarms.values.map(\.due).min() { arm(&state, next) }
            return due.sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }.map(\.value.ring)
        }
        for ring in due { ring() }
    }
}
