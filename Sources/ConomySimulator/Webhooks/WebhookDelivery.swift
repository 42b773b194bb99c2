public import ConomyAPI
public import ExactJSON

/// One event on its way to a tenant's receiver, and how that went.
public struct WebhookDelivery: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        /// To be sent, for the first time or again.
        case pending
        /// Answered with a 2xx.
        case delivered
        /// Given up after the documented time.
        case dropped
    }

    public struct Attempt: Sendable, Hashable {
        public let time: Timestamp
        /// What the receiver answered; nil where it did not.
        public let status: Int?
        /// Why there was no answer.
        public let error: String?
    }

    /// Counts from 1 within a tenant, without gaps.
    public let sequence: Int
    /// `payment.settled`, `Transaction.Captured`.
    public let event: String
    let kind: WebhookKind
    public let url: String
    /// The bytes that travel, as text.
    public let body: String
    /// The header that carries the signature and its value; nil where the body carries it, or nothing does.
    public let signature: Header?
    public let createdAt: Timestamp
    public internal(set) var state: State
    /// When it is sent next; nil once it has ended.
    public internal(set) var dueAt: Timestamp?
    /// When it was due the first time since it was made or replayed.
    var firstDueAt: Timestamp
    public internal(set) var attempts: [Attempt] = []

    public struct Header: Sendable, Hashable {
        public let name: String
        public let value: String
    }

    /// How long the receiver may take.
    public var timeout: Duration { .seconds(kind.webhook.timeoutSeconds) }

    /// How often it was tried since it was made or replayed.
    var triesOfThisRound = 0

    public var json: JSON {
        var object: JSONObject = [
            "sequence": .integer(sequence), "event": .string(event), "url": .string(url), "state": .string(state.rawValue),
            "kind": .string(kind.rawValue), "createdAt": .string(createdAt.description),
            "firstDueAt": .string(firstDueAt.description), "triesOfThisRound": .integer(triesOfThisRound),
        ]
        object["dueAt"] = dueAt.map { .string($0.description) }
        object["attempts"] = .array(
            attempts.map { attempt in
                var object: JSONObject = ["time": .string(attempt.time.description)]
                object["status"] = attempt.status.map(JSON.integer)
                object["error"] = attempt.error.map(JSON.string)
                return .object(object)
            })
        object["body"] = .string(body)
        object["signatureHeader"] = signature.map { .string($0.name) }
        object["signature"] = signature.map { .string($0.value) }
        return .object(object)
    }
}

extension WebhookDelivery {
    /// Reads what `json` wrote; nil for anything else.
    init?(_ json: JSON) {
        func time(_ member: String) -> Timestamp? { json[member]?.string.flatMap { Timestamp($0) } }
        guard let sequence = json["sequence"]?.integer, let event = json["event"]?.string, let url = json["url"]?.string,
            let state = json["state"]?.string.flatMap(State.init), let kind = json["kind"]?.string.flatMap(WebhookKind.init),
            let createdAt = time("createdAt"), let firstDueAt = time("firstDueAt"), let body = json["body"]?.string,
            let tries = json["triesOfThisRound"]?.integer, let attempts = json["attempts"]?.array
        else { return nil }
        let dueAt = time("dueAt")
        guard (dueAt != nil) == (state == .pending) else { return nil }
        var signature: Header?
        if let name = json["signatureHeader"]?.string, let value = json["signature"]?.string {
            signature = Header(name: name, value: value)
        }
        self.init(
            sequence: sequence, event: event, kind: kind, url: url, body: body, signature: signature, createdAt: createdAt,
            state: state, dueAt: dueAt, firstDueAt: firstDueAt)
        triesOfThisRound = tries
        for attempt in attempts {
            guard let time = attempt["time"]?.string.flatMap({ Timestamp($0) }) else { return nil }
            self.attempts.append(Attempt(time: time, status: attempt["status"]?.integer, error: attempt["error"]?.string))
        }
    }
}
