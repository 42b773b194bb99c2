import ConomyAPI

/// What will happen by itself, earliest first; what is due at the same instant happens in an order of its own: payments as they
/// were made, then links, then sessions. So a bank that was saved goes on the same way when it is opened again.
struct DueQueue: Sendable {
    enum Event: Sendable {
        case settle(payment: Int)
        case expire(payment: Int)
        case expireLink(id: String)
        case expireSession(id: String)
    }

    private struct Entry: Sendable {
        let time: Timestamp
        let event: Event

        func precedes(_ other: Entry) -> Bool { time == other.time ? rank < other.rank : time < other.time }

        private var rank: (Int, Int, String) {
            switch event {
            case .settle(let payment), .expire(let payment): (0, payment, "")
            case .expireLink(let id): (1, 0, id)
            case .expireSession(let id): (2, 0, id)
            }
        }
    }

    /// A binary heap.
    private var heap: [Entry] = []

    mutating func plan(_ event: Event, at time: Timestamp) {
        heap.append(Entry(time: time, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

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
