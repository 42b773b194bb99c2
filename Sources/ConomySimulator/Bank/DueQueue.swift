import ConomyAPI

/// What will happen by itself, earliest first; what is due at the same instant happens in the order of its ranks. So a bank that
/// was saved goes on the same way when it is opened again.
struct DueQueue<Event: Sendable>: Sendable {
    typealias Rank = (kind: Int, number: Int, id: String)

    private struct Entry: Sendable {
        let time: Timestamp
        let rank: Rank
        let event: Event

        func precedes(_ other: Entry) -> Bool { time == other.time ? rank < other.rank : time < other.time }
    }

    /// A binary heap.
    private var heap: [Entry] = []
    private let rank: @Sendable (Event) -> Rank

    init(rank: @escaping @Sendable (Event) -> Rank) { self.rank = rank }

    mutating func plan(_ event: Event, at time: Timestamp) {
        heap.append(Entry(time: time, rank: rank(event), event: event))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// When the next event is due.
    var nextTime: Timestamp? { heap.first?.time }

    /// Takes out the next event that is due at `now`, with the time it was due at.
    mutating func next(at now: Timestamp) -> (time: Timestamp, event: Event)? {
        guard let first = heap.first, first.time <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.time, first.event)
    }
}

/// What happens in a bank by itself.
enum BankEvent: Sendable {
    /// Of the payment at a position, if it is still the one with this number.
    case settle(payment: Int, number: Int)
    case expire(payment: Int, number: Int)
    case expireLink(id: String)
    case expireSession(id: String)

    /// Payments in the order they were made, then links, then sessions.
    @Sendable static func rank(_ event: BankEvent) -> DueQueue<BankEvent>.Rank {
        switch event {
        case .settle(_, let number), .expire(_, let number): (0, number, "")
        case .expireLink(let id): (1, 0, id)
        case .expireSession(let id): (2, 0, id)
        }
    }
}
