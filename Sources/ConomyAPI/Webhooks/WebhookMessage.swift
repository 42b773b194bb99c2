public import ExactJSON

/// A webhook that was received and whose signature is right.
public struct WebhookMessage: Sendable {
    /// The two documented forms.
    public enum Envelope: String, Sendable {
        /// `{event, data, signature}`
        case current
        /// `{eventType, timestamp, ...}`, signed in a header.
        case older
    }

    public let envelope: Envelope
    /// `payment.settled`, `Transaction.Captured`, or what is not known yet.
    public let type: String
    /// The id of the payment or customer that it is about; nil where it names none.
    public let object: String?
    /// What two messages that tell the same have in common, by the contract's notes: event, object and the state that it came to.
    /// Nothing that is signed says when a message was sent, so a message that comes again is the same for ever.
    public let identity: String
    /// What a script gets of it, but for its id and the time at which it came.
    public let content: JSONObject

    /// Why a message is not taken.
    public enum Refusal: Error, Sendable, Equatable {
        /// No signature, several, or one that does not fit the bytes.
        case unsigned
        /// Signed, and not what the contract describes.
        case malformed(String)
    }

    /// The names of all events in the contract. Others may come, and must be taken.
    public static let knownTypes: [String] = {
        let statuses = Schema.named("TransactionStatusEvent")?.property("event")?.enumeration ?? []
        let lifecycle = Schema.named("LifecycleEvent")?.property("eventType")?.enumeration ?? []
        return (statuses + lifecycle).compactMap(\.string) + ["customer.levelChanged"]
    }()

    private static let deepest = 40
    private static let longestName = 200

    /// Checks the signature over the received bytes, then reads them.
    ///
    /// A signature in the header is of the whole body. One in the body is of the compact JSON of `event` and `data` in the order and with
    /// the values in which they came. Where there are both, both must be right.
    /// - Parameters:
    ///   - header: all values of the signature's header.
    ///   - secrets: at least one.
    /// - Throws: `Refusal`.
    public init(_ body: [UInt8], header: [String], secrets: [String]) throws(Refusal) {
        guard header.count <= 1 else { throw .unsigned }
        if let signature = header.first {
            guard WebhookSignature.isValid(signature, of: body, secrets: secrets) else { throw .unsigned }
        }
        let json: JSON
        do { json = try JSON(parsing: body, maximumDepth: WebhookMessage.deepest) } catch {
            // Who signs nothing learns nothing.
            if header.isEmpty { throw .unsigned }
            throw .malformed("it is not JSON: \(error.message)")
        }
        if json["signature"] != nil || header.isEmpty {
            guard let signature = json["signature"]?.string, let event = json["event"], let data = json["data"] else {
                throw .unsigned
            }
            let signed = JSON.object(["event": event, "data": data]).bytes()
            guard WebhookSignature.isValid(signature, of: signed, secrets: secrets) else { throw .unsigned }
        }
        try self.init(signed: json)
    }

    private init(signed json: JSON) throws(Refusal) {
        let data: JSON?
        if let name = json["event"]?.string {
            (envelope, type, data) = (.current, name, json["data"])
        } else if let name = json["eventType"]?.string {
            (envelope, type, data) = (.older, name, json)
        } else {
            throw .malformed("it has neither event nor eventType")
        }
        guard !type.isEmpty, type.utf8.count <= WebhookMessage.longestName else {
            throw .malformed("the name of its event is empty or longer than \(WebhookMessage.longestName) bytes")
        }
        let (transaction, customer) = (data?["transaction"], data?["customer"])
        object = transaction?["id"]?.string ?? customer?["id"]?.string
        let state = transaction?["status"]?.string ?? customer?["operationLevel"]?.string
        if let object {
            identity = JSON.array([.string(type), .string(object), state.map(JSON.string) ?? .null]).text()
        } else {
            // Only what is signed: in the current form anybody can write further members beside event and data.
            var told: JSONObject = envelope == .current ? ["event": .string(type), "data": data ?? .null] : json.object ?? [:]
            told["timestamp"] = nil
            identity = JSON.object(told).text(.canonical)
        }
        var content: JSONObject = ["type": .string(type), "envelope": .string(envelope.rawValue)]
        for name in ["transaction", "customer", "identity", "timestamp"] {
            if let value = data?[name] { content[name] = value }
        }
        self.content = content
    }

    /// A message that was checked when it was stored.
    /// - Throws: `Refusal` when the bytes are not as they were.
    public init(stored body: [UInt8]) throws(Refusal) {
        let json: JSON
        do { json = try JSON(parsing: body, maximumDepth: WebhookMessage.deepest) } catch { throw .malformed("\(error.message)") }
        try self.init(signed: json)
    }
}
