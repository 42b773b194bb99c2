import ConomyAPI
import ExactJSON

/// A reusable offer to pay.
struct PaymentLink: Shelved {
    let id: String
    /// The contract's members as they were given: items, destinations, owner, ...
    let fields: JSONObject
    var status: String
    let preTax: Money
    let total: Money
    let createdAt: Timestamp
    /// The duration counts from the creation, and again from each activation.
    var expiresAt: Timestamp

    /// In seconds, a hundred years. The contract names no bound, but an end that no timestamp can say is none.
    static let longestDuration = 3_155_760_000

    var token: String { fields["checkoutToken"]?.string ?? "" }
    var durationSeconds: Int { fields["duration"]?.integer ?? 0 }

    var json: JSON {
        var object: JSONObject = ["id": .string(id)]
        for (key, value) in fields.members { object[key] = value }
        object["status"] = .string(status)
        object["preTaxAmount"] = .string(preTax.text)
        object["totalAmount"] = .string(total.text)
        object["url"] = .string(checkoutURL(token))
        object["createdAt"] = .string(createdAt.description)
        return .object(object)
    }
}

/// A host nobody owns, so that no rehearsal ever sends a payer to the real one.
func checkoutURL(_ token: String) -> String { "https://checkout.conomyhq.example/\(percentEncoded(token))" }

extension Bank {
    /// What an offer adds up to. Items, destinations and the owner must agree with each other and with the bank; an old offer
    /// may have outlived its owner and its accounts.
    func checkOffer(_ body: JSON, isNew: Bool = true) throws(Refusal) -> (preTax: Money, total: Money) {
        let currency = Currency(body["currency"]?.string ?? "")
        guard Currency.exponents[currency.code] != nil else { throw .invalid("currency \(currency) is not known here") }
        var preTax = Money.zero(currency)
        var total = Money.zero(currency)
        for (index, item) in (body["items"]?.array ?? []).enumerated() {
            let place = "items[\(index + 1)]"
            let before = try money(item["preTaxAmount"]?.string ?? "", currency, "\(place).preTaxAmount")
            let after = try money(item["totalAmount"]?.string ?? "", currency, "\(place).totalAmount")
            let tax =
                try item["tax"]?["amount"]?.string.map { text throws(Refusal) in try money(text, currency, "\(place).tax.amount")
                } ?? .zero(currency)
            guard before + tax == after else {
                throw .invalid("\(place).totalAmount is \(after), and preTaxAmount with tax is \(before + tax)")
            }
            preTax = preTax + before
            total = total + after
        }
        guard total.minorUnits > 0 else { throw .invalid("the items add up to zero") }
        if let duration = body["duration"]?.integer, duration > PaymentLink.longestDuration {
            throw .invalid("duration is \(duration), and the most is \(PaymentLink.longestDuration) seconds, a hundred years")
        }
        guard total <= .most(currency) else {
            throw .invalid("the items add up to \(total), and the most is \(Money.most(currency))")
        }
        var paid = Money.zero(currency)
        for (index, node) in (body["destinations"]?.array ?? []).enumerated() {
            let place = "destinations[\(index + 1)]"
            guard let number = Payment.accountNumber(node) else { throw .missing("\(place).account.accountNumber is missing") }
            let known = isNew ? named(number) : accounts.everKnown(number: number)
            guard let account = known else { throw .notFound("account", number) }
            guard account.currency == currency, node["currency"]?.string == currency.code else {
                throw .invalid("\(place) is not in \(currency), the currency of the offer")
            }
            paid = paid + (try money(node["amount"]?.string ?? "", currency, "\(place).amount"))
        }
        guard paid == total else { throw .invalid("the amounts of destinations add up to \(paid), and the items to \(total)") }
        if isNew, let owner = body["owner"]?["identityId"]?.string, identities[owner] == nil {
            throw .notFound("identity", owner)
        }
        for (index, method) in (body["paymentMethodsAllowed"]?.array ?? []).enumerated() {
            guard let rail = method.string.flatMap(Rail.named), rail.isPayin, !rail.isAccount else {
                throw .invalid("paymentMethodsAllowed[\(index + 1)] is \(method.string ?? ""), which is no pay-in rail")
            }
        }
        return (preTax, total)
    }

    mutating func createPaymentLink(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        let (preTax, total) = try checkOffer(body)
        let token = body["checkoutToken"]?.string ?? ""
        guard !token.isEmpty else { throw .invalid("checkoutToken is empty") }
        if let known = links.found(token).first {
            throw Refusal(.alreadyExist, "payment link \(known.id) has this checkoutToken already")
        }
        let duration = body["duration"]?.integer ?? 0
        let link = PaymentLink(
            id: newID(), fields: body.object ?? [:], status: "ACTIVE", preTax: preTax, total: total, createdAt: now,
            expiresAt: now.adding(milliseconds: Int64(clamping: duration) &* 1000))
        links.put(link)
        due.plan(.expireLink(id: link.id), at: link.expiresAt)
        return Answer(status: 201, body: link.json)
    }

    func listPaymentLinks(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let isFiltered = query.has("id", "status", "destination.accountNumber", "customer.email", "owner.identityId")
        let page = try call.page(of: links, isFiltered: isFiltered) { link in
            let numbers = (link.fields["destinations"]?.array ?? []).compactMap(Payment.accountNumber)
            let goesThere =
                query["destination.accountNumber"] == nil
                || numbers.contains { query.allowsOneOf("destination.accountNumber", $0) }
            return goesThere && query.allowsOneOf("id", link.id) && query.allowsOneOf("status", link.status)
                && query.allowsOneOf("customer.email", link.fields["customer"]?["email"]?.string)
                && query.allowsOneOf("owner.identityId", link.fields["owner"]?["identityId"]?.string)
        }
        return Answer(status: 200, body: page.envelope(page.items.map(\.json)))
    }

    private func link(_ call: Call) throws(Refusal) -> PaymentLink {
        let id = call.objectID ?? ""
        guard let link = links[id] else { throw .notFound("payment link", id) }
        return link
    }

    func getPaymentLink(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: try link(call).json) }

    mutating func deletePaymentLink(_ call: Call) throws(Refusal) -> Answer {
        let link = try link(call)
        guard link.status == "ATTEMPT" || link.status == "EXPIRED" else {
            throw .state("payment link \(link.id) is \(link.status); only ATTEMPT and EXPIRED links can be deleted")
        }
        links.remove(link.id)
        return Answer(status: 204, body: nil)
    }

    mutating func activatePaymentLink(_ call: Call) throws(Refusal) -> Answer {
        let link = try link(call)
        guard link.status == "ATTEMPT" || link.status == "EXPIRED" else {
            throw .state("payment link \(link.id) is \(link.status) and cannot be activated")
        }
        let expiry = now.adding(milliseconds: Int64(clamping: link.durationSeconds) &* 1000)
        _ = links.change(link.id) {
            $0.status = "ACTIVE"
            $0.expiresAt = expiry
        }
        due.plan(.expireLink(id: link.id), at: expiry)
        return try getPaymentLink(call)
    }

    mutating func expireLink(_ id: String) {
        let now = now
        // A link that was activated again has a later expiry, and an event of its own.
        _ = links.change(id) { if $0.status == "ACTIVE", $0.expiresAt <= now { $0.status = "EXPIRED" } }
    }
}
