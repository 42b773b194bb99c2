/// How long a script has run. It runs from the moment it is sent something to do until it says that it waits; each frame
/// to the worker opens a turn and each `waiting` from it closes one.
struct RunningClock {
    private var turns = 0
    private var isHeld = false
    private var since: ContinuousClock.Instant?
    private var ran: Duration = .zero

    var isRunning: Bool { since != nil }

    mutating func turnBegins(at now: ContinuousClock.Instant) {
        turns += 1
        settle(now)
    }

    mutating func turnEnds(at now: ContinuousClock.Instant) {
        turns = max(0, turns - 1)
        settle(now)
    }

    /// While the host does not read, a script that says much stands still.
    mutating func hold(_ held: Bool, at now: ContinuousClock.Instant) {
        isHeld = held
        settle(now)
    }

    func ran(at now: ContinuousClock.Instant) -> Duration {
        ran + (since.map { $0.duration(to: now) } ?? .zero)
    }

    /// When it will have run this long, if it keeps running; nil while it does not run.
    func instant(ofHavingRun limit: Duration) -> ContinuousClock.Instant? {
        since.map { $0.advanced(by: limit - ran) }
    }

    private mutating func settle(_ now: ContinuousClock.Instant) {
        let runs = turns > 0 && !isHeld
        if let since, !runs {
            ran += since.duration(to: now)
            self.since = nil
        } else if since == nil, runs {
            since = now
        }
    }
}
