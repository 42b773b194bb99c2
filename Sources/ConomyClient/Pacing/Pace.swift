/// How many calls may be under way and how fast they may start. Events go in, names of those who may go come out; no clock, no
/// waiting, no locks.
///
/// - The window: how many calls at once. It starts at its maximum, halves on a 429 (once for all calls that were under way when
///   it halved), and grows by one for each window of calls that were answered.
/// - The rate: at most `requestsPerSecond` starts in any second, and up to a twentieth of that more where callers were late.
/// - A hold: nobody starts before it has passed, whoever was told to wait.
struct Pace {
    /// A call that was admitted. It is given back exactly once, to `end`.
    struct Ticket: Sendable, Equatable { fileprivate let epoch: Int }

    enum Outcome: Sendable {
        /// The API answered, and not with a 429.
        case answered
        /// 429: too many.
        case refused
        /// No answer, or a 5xx: says nothing about the pace.
        case lost
        /// Nothing was sent after all.
        case unused
    }

    private(set) var window: Int
    private(set) var inFlight = 0
    private(set) var heldUntil: Duration = .zero
    private let maximum: Int
    let requestsPerSecond: Double?
    private var answered = 0
    private var epoch = 0
    private var queue = Queue()
    /// The time between two starts; nil where there is no cap.
    private let interval: Duration?
    /// How far starts may run ahead of an even spacing.
    private let slack: Duration
    /// When the next start is due at an even spacing.
    private var nextStart: Duration = .zero

    init(maximumInFlight: Int, requestsPerSecond: Double?) {
        maximum = max(1, maximumInFlight)
        window = maximum
        self.requestsPerSecond = requestsPerSecond
        interval = requestsPerSecond.map { .seconds(1) / max($0, 0.001) }
        slack = interval.map { max($0 * Int((requestsPerSecond ?? 0) / 20) - $0, .zero) } ?? .zero
    }

    /// Asks to start. Nil means: wait, until `admitted` names this caller.
    mutating func ask(_ caller: Int, at now: Duration) -> Ticket? {
        if queue.isEmpty, mayStart(at: now) { return start(at: now) }
        queue.append(caller)
        return nil
    }

    /// The caller does not want to wait any longer.
    mutating func leave(_ caller: Int) { queue.remove(caller) }

    mutating func end(_ ticket: Ticket, _ outcome: Outcome) {
        inFlight -= 1
        switch outcome {
        case .answered:
            answered += 1
            if answered >= window {
                answered = 0
                window = min(maximum, window + 1)
            }
        case .refused:
            // Calls that were already under way at the last halving say nothing new.
            guard ticket.epoch == epoch else { return }
            epoch += 1
            answered = 0
            window = max(1, window / 2)
        case .lost: break
        case .unused: if let interval { nextStart -= interval }
        }
    }

    /// Nobody starts before `due`. A shorter hold never undoes a longer one.
    mutating func hold(until due: Duration) { heldUntil = max(heldUntil, due) }

    /// Those who may start now, first come first. To be asked after every other event and at `wakeTime`.
    mutating func admitted(at now: Duration) -> [(caller: Int, ticket: Ticket)] {
        var admitted: [(Int, Ticket)] = []
        while !queue.isEmpty, mayStart(at: now) { admitted.append((queue.removeFirst(), start(at: now))) }
        return admitted
    }

    /// When `admitted` will have somebody to name although nothing else happens; nil when only an end can help.
    var wakeTime: Duration? {
        guard !queue.isEmpty, inFlight < window else { return nil }
        return max(heldUntil, interval == nil ? .zero : nextStart - slack)
    }

    private func mayStart(at now: Duration) -> Bool {
        inFlight < window && heldUntil <= now && (interval == nil || nextStart - slack <= now)
    }

    private mutating func start(at now: Duration) -> Ticket {
        inFlight += 1
        if let interval { nextStart = max(nextStart, now) + interval }
        return Ticket(epoch: epoch)
    }
}

/// First in, first out. The front moves through the array, which is compacted when half of it is behind the front.
private struct Queue {
    private var items: [Int] = []
    private var front = 0

    var isEmpty: Bool { front == items.count }

    mutating func append(_ item: Int) { items.append(item) }

    mutating func removeFirst() -> Int {
        let item = items[front]
        front += 1
        if front > 64, front * 2 > items.count {
            items.removeFirst(front)
            front = 0
        }
        return item
    }

    mutating func remove(_ item: Int) {
        if let index = items[front...].firstIndex(of: item) { items.remove(at: index) }
    }
}
