import AsyncHTTPClient
public import ConomyAPI
import ExactJSON
import NIOCore
import NIOHTTP1

/// An event as the API would send it, made up by hand: for trying a receiver without a bank in which it happens.
public struct SampleEvent: Sendable {
    /// The bytes that travel.
    public let body: String
    /// The header that carries the signature and its value; nil where the body carries it.
    public let signature: (name: String, value: String)?

    private static let states = [
        "Captured": "CAPTURED", "captured": "CAPTURED", "Received": "RECEIVED", "Failed": "FAILED", "failed": "FAILED",
        "expired": "EXPIRED", "settled": "SETTLED", "unsettled": "UNSETTLED", "requiresReview": "REQUIRES_REVIEW",
    ]

    /// - Parameters:
    ///   - type: one of `WebhookMessage.knownTypes`. It decides which of the documented forms the event has.
    ///   - fields: of its payment or customer, in place of made-up ones. A value that is no text is written as JSON: `true`, `12`.
    ///   - secret: what it is signed with.
    ///   - now: when it is said to have happened.
    /// - Throws: `OrderError` naming a field that does not fit the contract.
    public init(
        _ type: String, fields: [(name: String, value: String)], secret: String, now: Timestamp
    ) throws(OrderError) {
        let kind = try SampleEvent.kind(type)
        var object: JSONObject = ["id": .string("65d0c0ffee0000000000" + SampleEvent.four(now))]
        if kind == .customerLevelChanged {
            object["clientId"] = "local-client"
            object["operationLevel"] = "BASIC"
            object["autoCreated"] = false
            object["documentsCount"] = 0
        } else {
            if kind == .transactionStatus { object["purchaseAmount"] = "100.00" }
            object["totalAmount"] = "100.00"
            if kind == .transactionStatus { object["externalId"] = "" }
            object["currency"] = "ARS"
            let state = type.split(separator: ".").last.flatMap { SampleEvent.states[String($0)] }
            object["status"] = .string(state ?? "CREATED")
            if kind == .paymentLifecycle {
                object["type"] = .string(type.hasPrefix("payment.refund.") ? "REFUND" : "TOPUP_ACCOUNT")
            }
        }
        for (name, value) in fields {
            let isText = { if case .string? = object[name] { true } else { object[name] == nil } }()
            object[name] = isText ? .string(value) : (try? JSON(parsing: value)) ?? .string(value)
        }
        let json: JSON
        if kind == .transactionStatus {
            let data: JSON = ["transaction": .object(object)]
            let signature = WebhookSignature.member(event: .string(type), data: data, secret: secret)
            json = ["event": .string(type), "data": data, "signature": .string(signature)]
        } else {
            let member = kind == .customerLevelChanged ? "customer" : "transaction"
            json = ["eventType": .string(type), "timestamp": .string(now.description), member: .object(object)]
        }
        if let violation = SchemaChecker(.ownAnswer).check(json, kind.webhook.schema).first {
            throw OrderError(path: violation.path, problem: violation.problem)
        }
        body = json.text()
        signature = kind.webhook.signatureHeader.map { ($0, WebhookSignature.header(json.bytes(), secret: secret)) }
    }

    /// By the schema that has its name.
    private static func kind(_ type: String) throws(OrderError) -> WebhookKind {
        func names(_ schema: String, _ member: String) -> [String] {
            (Schema.named(schema)?.property(member)?.enumeration ?? []).compactMap(\.string)
        }
        if names("TransactionStatusEvent", "event").contains(type) { return .transactionStatus }
        if names("LifecycleEvent", "eventType").contains(type) { return .paymentLifecycle }
        guard WebhookMessage.knownTypes.contains(type) else {
            let near = closest(to: type, among: WebhookMessage.knownTypes).map { "; did you mean \($0)?" } ?? ""
            throw OrderError(path: type, problem: "is no event of the contract\(near)")
        }
        return .customerLevelChanged
    }

    /// Another payment for each time, so that nobody takes it for a repetition.
    private static func four(_ now: Timestamp) -> String {
        let digits = String(UInt64(bitPattern: now.millisecondsSince1970 / 10) & 0xFFFF, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Sends it once.
    /// - Returns: the status and the beginning of the answer.
    /// - Throws: the library's error when there was none in ten seconds.
    public func send(to url: String) async throws -> (status: Int, text: String) {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            if let signature { request.headers.add(name: signature.name, value: signature.value) }
            request.body = .bytes(ByteBuffer(string: body))
            let response = try await client.execute(request, timeout: .seconds(10))
            let text = try await response.body.collect(upTo: 65_536)
            try await client.shutdown()
            return (Int(response.status.code), String(buffer: text))
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
