import ConomyAPI
import ExactJSON

extension Bank {
    func money(_ text: String, _ currency: Currency, _ field: String) throws(Refusal) -> Money {
        let money: Money
        do { money = try Money(text, currency) } catch { throw .invalid("\(field): \(error)") }
        guard money <= .most(currency) else { throw .invalid("\(field) is \(money), and the most is \(Money.most(currency))") }
        return money
    }

    mutating func createPayment(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        if body["type"]?.string == "REFUND" { return try createRefundPayment(body) }
        let position = try addPayment(try PaymentDraft(body, self))
        return answer(position)
    }

    func checkExternalID(_ body: JSON) throws(Refusal) {
        guard options.rejectsRepeatedExternalIDs, let id = body["externalId"]?.string, externalIDs.contains(id) else { return }
        throw Refusal(.alreadyExist, "a payment with externalId \(id) exists")
    }

    /// Every payment comes into the bank here, whatever made it.
    mutating func enter(_ payment: Payment) -> Int {
        if let externalID = payment.externalID, options.rejectsRepeatedExternalIDs { externalIDs.insert(externalID) }
        let position = payments.add(payment)
        if !payment.more.isEmpty, !payment.state.isTerminal, let expiry = payment.more.fields.expiresAt {
            planExpiry(position, at: expiry)
        }
        announce(position, isNew: true)
        return position
    }

    /// Holds the money a checked draft needs, and adds the payment in CREATED, or in REQUIRES_REVIEW where the gate says so.
    mutating func addPayment(_ draft: PaymentDraft, sessionID: String? = nil) throws(Refusal) -> Int {
        var payment = draft.payment(id: newID(), .created, at: now)
        let internalLegs = payment.originLegs.filter(\.isAccount)
        try hold(internalLegs)
        payment.holds = internalLegs
        payment.origins = draft.origins.map { instructions($0) }
        payment.more.fields.checkoutSessionID = sessionID
        gate(&payment, draft.traits)
        return enter(payment)
    }

    /// The review gate, for a customer of whom no document was approved: the total reaches its currency's threshold, or a rule
    /// of the settings matches.
    func gate(_ payment: inout Payment, _ traits: PaymentTraits) {
        let customer = payment.more.fields.customerID.flatMap { customers[$0] }
        guard customer?.isDocumented != true else { return }
        let threshold = options.amount(options.reviewThresholds, payment.total.currency)
        guard threshold.map({ payment.total >= $0 }) ?? false || options.reviewRules.contains(where: { $0.accepts(traits) })
        else {
            return
        }
        payment.state = .requiresReview
        payment.more.fields.documentationStatus = "PENDING_UPLOAD"
    }

    /// What a payer needs to pay: an address to be sent to, a code to scan, an account to pay into.
    mutating func instructions(_ node: JSON) -> JSON {
        guard var object = node.object, let rail = node["type"]?.string.flatMap(Rail.named), rail.isPayin, !rail.isAccount else {
            return node
        }
        var payload = node[rail.key]?.object ?? JSONObject()
        let expiry = JSON.string(now.adding(milliseconds: 1_800_000).description)
        for member in rail.payloadMembers.sorted() where payload[member] == nil {
            switch member {
            case "url":
                let token = identifiers.token(32)
                payload["token"] = .string(token)
                payload["url"] = .string("https://pay.conomyhq.example/\(rail.key.lowercased())/\(token)")
            case "qrCode": payload["qrCode"] = .string("https://pay.conomyhq.example/qr/\(identifiers.token(32))")
            case "data": payload["data"] = .string("000201" + identifiers.digits(40))
            case "expiredAt", "expiresAt": payload[member] = expiry
            case "clabe": payload["clabe"] = .string(identifiers.digits(18))
            case "code": payload["code"] = .string(identifiers.digits(22))
            default: break
            }
        }
        // Cards and wallets tell the payer nothing.
        guard rail.type != "CARD", rail.type != "CRYPTO" else { return node }
        object[rail.key] = .object(payload)
        return .object(object)
    }
}
