import ConomyAPI
import ExactJSON

/// What the bank tells its tenant, as the two documented schemes have it. The message is written when the thing happens, so it
/// says what was true then.
extension Bank {
    /// The names of all events, from the contract.
    static var events: [String] { WebhookMessage.knownTypes }
    private static let levelChanged = "customer.levelChanged"

    /// A payment has reached its state. Refunds have events of their own beside the one for every change.
    mutating func announce(_ position: Int, isNew: Bool = false) {
        guard webhooks.endpoint != nil else { return }
        let payment = payments[position]
        tell("transaction.status_changed", payment)
        if payment.kind == .refund {
            if isNew { tell("payment.refund.created", payment) }
            switch payment.state {
            case .captured: tell("payment.refund.captured", payment)
            case .settled: tell("payment.refund.settled", payment)
            case .failed, .expired, .unsettled: tell("payment.refund.failed", payment)
            default: break
            }
        } else {
            switch payment.state {
            case .expired: tell("payment.expired", payment)
            case .settled: tell("payment.settled", payment)
            case .unsettled: tell("payment.unsettled", payment)
            case .requiresReview: tell("payment.requiresReview", payment)
            case .created where payment.isUnassigned: tell("purchase.pendingAssignment", payment)
            default: break
            }
        }
        tellStatus(payment)
    }

    /// The older scheme: `{eventType, timestamp, transaction, identity?}`.
    mutating func tell(_ event: String, _ payment: Payment) {
        guard webhooks.endpoint?.schemes.contains(.older) == true else { return }
        var identity: JSON?
        if let id = payment.identityID {
            var object: JSONObject = ["id": .string(id)]
            object["email"] = identities[id]?.fields["email"]
            identity = .object(object)
        }
        send(
            event, .paymentLifecycle,
            older(event, [("transaction", Bank.lifecycleTransaction(payment)), ("identity", identity)]))
    }

    /// A customer became documented, or another level applies to it.
    mutating func tellLevel(_ id: String) {
        guard webhooks.endpoint?.schemes.contains(.older) == true, let customer = customers[id] else { return }
        var object: JSONObject = ["id": .string(customer.id), "clientId": .string(options.credentials.clientID)]
        for field in ["firstName", "lastName", "email", "documentNumber"] { object[field] = customer.fields[field] }
        object["operationLevel"] = .string(customer.level)
        object["autoCreated"] = .bool(customer.isAutoCreated)
        object["documentsCount"] = .integer(customer.documents.count)
        send(Bank.levelChanged, .customerLevelChanged, older(Bank.levelChanged, [("customer", .object(object))]))
    }

    private func older(_ event: String, _ members: [(String, JSON?)]) -> JSON {
        var object: JSONObject = ["eventType": .string(event), "timestamp": .string(now.description)]
        for (key, value) in members { object[key] = value }
        return .object(object)
    }

    /// The current scheme: `{event, data, signature}`, for three states.
    private mutating func tellStatus(_ payment: Payment) {
        guard let endpoint = webhooks.endpoint, endpoint.schemes.contains(.current) else { return }
        let event: String
        switch payment.state {
        case .captured: event = "Transaction.Captured"
        case .received: event = "Transaction.Received"
        case .failed: event = "Transaction.Failed"
        default: return
        }
        let data: JSON = [
            "transaction": [
                "id": .string(payment.id), "purchaseAmount": .string((payment.purchase ?? payment.total).text),
                "totalAmount": .string(payment.total.text), "externalId": .string(payment.externalID ?? ""),
                "currency": .string(payment.total.currency.code), "status": .string(payment.state.rawValue),
            ]
        ]
        var body: JSONObject = ["event": .string(event), "data": data]
        body["signature"] = endpoint.secretKey.map {
            .string(WebhookSignature.member(event: .string(event), data: data, secret: $0))
        }
        send(event, .transactionStatus, .object(body))
    }

    private static func lifecycleTransaction(_ payment: Payment) -> JSON {
        let whole = payment.json.object ?? [:]
        return .object(JSONObject(whole.members.filter { lifecycleMembers.contains($0.key) }.map { ($0.key, $0.value) }))
    }

    private static let lifecycleMembers = Set(Schema.named("LifecycleTransaction")?.properties.map(\.name) ?? [])

    /// Hands a message over for delivery, twice or later where a fault wants it.
    private mutating func send(_ event: String, _ kind: WebhookKind, _ body: JSON) {
        guard let endpoint = webhooks.endpoint else { return }
        let bytes = body.bytes()
        var signature: WebhookDelivery.Header?
        if let secret = endpoint.secretKey, let name = kind.webhook.signatureHeader {
            signature = .init(name: name, value: WebhookSignature.header(bytes, secret: secret))
        }
        let fault = eventFaults.meet(event, isEvent: true)
        let dueAt = fault?.kind == .postpone ? now.adding(milliseconds: fault?.duration.milliseconds ?? 0) : now
        for _ in 0..<(fault?.kind == .duplicate ? 2 : 1) {
            webhooks.add(
                event: event, kind: kind, body: String(decoding: bytes, as: UTF8.self), signature: signature, now: now,
                dueAt: dueAt)
        }
    }
}

/// The contract's webhooks by their names there.
enum WebhookKind: String, CaseIterable {
    case transactionStatus, paymentLifecycle, customerLevelChanged

    /// The contract is compiled in, and a test looks for all three.
    var webhook: Webhook {
        guard let webhook = Webhook.named(rawValue) else { preconditionFailure("the contract has no webhook \(rawValue)") }
        return webhook
    }
}
