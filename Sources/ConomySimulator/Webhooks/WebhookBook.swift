import ConomyAPI
import ExactJSON

/// A tenant's receiver and everything that was to be delivered to it. A plain value: who sends takes what is due out of it and
/// tells it how that went.
struct WebhookBook: Sendable {
    /// Nil sends nothing, and forgets what happens meanwhile.
    var endpoint: WebhookEndpoint?
    private(set) var deliveries: [WebhookDelivery] = []
    private var due = DueQueue<Int> { (0, $0, "") }
    /// Entries that have ended are dropped beyond this, oldest first, some at a time.
    static let bound = 100_000
    private var dropped = 0

    var count: Int { dropped + deliveries.count }
    var nextTime: Timestamp? { due.nextTime }

    subscript(sequence: Int) -> WebhookDelivery? {
        deliveries.indices.contains(sequence - 1 - dropped) ? deliveries[sequence - 1 - dropped] : nil
    }

    /// - Parameter dueAt: now, or later where it is held back.
    mutating func add(
        event: String, kind: WebhookKind, body: String, signature: WebhookDelivery.Header?, now: Timestamp, dueAt: Timestamp
    ) {
        guard let endpoint else { return }
        if deliveries.count >= WebhookBook.bound {
            let old = deliveries.prefix { $0.state != .pending }.count
            let cut = min(old, WebhookBook.bound / 4)
            deliveries.removeFirst(cut)
            dropped += cut
        }
        let delivery = WebhookDelivery(
            sequence: count + 1, event: event, kind: kind, url: endpoint.url, body: body, signature: signature, createdAt: now,
            state: .pending,
            dueAt: dueAt, firstDueAt: dueAt)
        deliveries.append(delivery)
        due.plan(delivery.sequence, at: dueAt)
    }

    /// Takes the next delivery that is due. It is not given out again until it was recorded.
    mutating func take(at now: Timestamp) -> WebhookDelivery? {
        while let (time, sequence) = due.next(at: now) {
            // What was replayed meanwhile stands in the queue twice.
            guard let delivery = self[sequence], delivery.state == .pending, delivery.dueAt == time else { continue }
            return delivery
        }
        return nil
    }

    /// Writes down how a delivery went: done with a 2xx, tried again or given up otherwise. It happened when it was due, also
    /// where a clock that jumped made it late.
    mutating func record(_ sequence: Int, status: Int?, error: String?) {
        let index = sequence - 1 - dropped
        guard deliveries.indices.contains(index), let time = deliveries[index].dueAt else { return }
        deliveries[index].attempts.append(.init(time: time, status: status, error: error))
        deliveries[index].triesOfThisRound += 1
        if let status, (200..<300).contains(status) {
            deliveries[index].state = .delivered
            deliveries[index].dueAt = nil
        } else if let next = deliveries[index].kind.webhook.nextAttempt(
            after: deliveries[index].triesOfThisRound, failedAt: time, first: deliveries[index].firstDueAt)
        {
            deliveries[index].dueAt = next
            due.plan(sequence, at: next)
        } else {
            deliveries[index].state = .dropped
            deliveries[index].dueAt = nil
        }
    }

    /// Sends a delivery once more, from the beginning of its tries, whatever became of it.
    /// - Returns: false where there is no such delivery.
    mutating func replay(_ sequence: Int, at now: Timestamp) -> Bool {
        let index = sequence - 1 - dropped
        guard deliveries.indices.contains(index) else { return false }
        deliveries[index].state = .pending
        deliveries[index].dueAt = now
        deliveries[index].firstDueAt = now
        deliveries[index].triesOfThisRound = 0
        due.plan(sequence, at: now)
        return true
    }

    /// Puts back what a snapshot brought, in its order.
    ///
    /// - Returns: false, and nothing is done, where their numbers do not follow each other.
    mutating func restore(_ restored: [WebhookDelivery]) -> Bool {
        let first = restored.first?.sequence ?? 1
        guard restored.enumerated().allSatisfy({ $1.sequence == first + $0 }) else { return false }
        deliveries = restored
        dropped = first - 1
        for delivery in restored { if let time = delivery.dueAt { due.plan(delivery.sequence, at: time) } }
        return true
    }
}
