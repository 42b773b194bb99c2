import ExactJSON

/// A kind of message that the API sends to its client (`webhooks` in the contract), and how it tries again.
public struct Webhook: Sendable {
    /// The contract's name, `paymentLifecycle`.
    public let name: String
    /// The schema of its body.
    public let schema: Schema
    /// The header that carries the signature; nil where the body does.
    public let signatureHeader: String?
    /// How long a receiver may take.
    public let timeoutSeconds: Int
    private let retry: Retry

    private struct Retry: Sendable { let first, multiplier, most, giveUp: Int }

    /// All of them, in the order of the contract.
    public static let all: [Webhook] = GeneratedContract.webhooks.compactMap { text in
        let json = try? JSON(parsing: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        return json.flatMap(Webhook.init(json:))
    }

    public static func named(_ name: String) -> Webhook? { all.first { $0.name == name } }

    private init?(json: JSON) {
        guard let name = json["name"]?.string, let schema = json["schema"]?.string.flatMap(Schema.named),
            let timeout = json["timeoutSeconds"]?.integer, let first = json["retry"]?["firstDelaySeconds"]?.integer,
            let multiplier = json["retry"]?["multiplier"]?.integer, let most = json["retry"]?["maxDelaySeconds"]?.integer,
            let giveUp = json["retry"]?["giveUpSeconds"]?.integer
        else { return nil }
        self.name = name
        self.schema = schema
        signatureHeader = json["signatureHeader"]?.string
        timeoutSeconds = timeout
        retry = Retry(first: first, multiplier: multiplier, most: most, giveUp: giveUp)
    }

    /// When a delivery that failed is tried again.
    /// - Parameters:
    ///   - attempts: how often it was tried, the failed try included.
    ///   - failedAt: when the last try was due.
    ///   - first: when the first try was due.
    /// - Returns: nil where it is given up: the next try would come later than the API goes on trying.
    public func nextAttempt(after attempts: Int, failedAt: Timestamp, first: Timestamp) -> Timestamp? {
        var seconds = retry.first
        for _ in 1..<max(1, attempts) where seconds < retry.most { seconds = min(retry.most, seconds * retry.multiplier) }
        let next = failedAt.adding(milliseconds: Int64(seconds) * 1000)
        return next <= first.adding(milliseconds: Int64(retry.giveUp) * 1000) ? next : nil
    }
}
