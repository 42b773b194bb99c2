import ConomyAPI
import ExactJSON

/// One payer's try at an offer.
struct CheckoutSession: Sendable {
    let id: String
    let linkID: String?
    let fields: JSONObject
    var status: String
    let preTax: Money
    let total: Money
    let createdAt: Timestamp
    var expiresAt: Timestamp

    var token: String { fields["checkoutToken"]?.string ?? "" }
    var methods: [String] { (fields["paymentMethodsAllowed"]?.array ?? []).compactMap(\.string) }
}

extension Bank {
    func json(_ session: CheckoutSession) -> JSON {
        var object: JSONObject = ["id": .string(session.id)]
        object["paymentLinkId"] = session.linkID.map(JSON.string)
        for (key, value) in session.fields.members where Bank.sessionMembers.contains(key) { object[key] = value }
        let currency = session.total.currency.code
        let methods = session.methods.compactMap(Rail.named).map { rail -> JSON in
            [
                "id": .string(rail.type),
                "type": rail.type == "CARD" ? "CARD" : rail.type == "CRYPTO" ? "WALLET" : "BANK_TRANSFER",
                "enabled": .bool(rail.currencies.isEmpty || rail.currencies.contains(currency)),
                "requiredFields": .array(rail.requiredFields(incoming: true).map(JSON.string)),
                "purchaseAmount": .string(session.total.text),
            ]
        }
        object["paymentConfigs"] = [
            [
                "currency": .string(currency), "product": .string("\(currency):\(currency)"), "exchangeRate": "1",
                "paymentMethods": .array(methods),
            ]
        ]
        object["status"] = .string(session.status)
        object["preTaxAmount"] = .string(session.preTax.text)
        object["totalAmount"] = .string(session.total.text)
        object["url"] = .string(checkoutURL(session.token))
        object["createdAt"] = .string(session.createdAt.description)
        object["expiresAt"] = .string(session.expiresAt.description)
        return .object(object)
    }

    private static let sessionMembers = Set(Schema.named("CheckoutSession")?.properties.map(\.name) ?? [])

    /// From the link with this token; without one the body itself must be a whole offer.
    mutating func createCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        let token = body["checkoutToken"]?.string ?? ""
        if let link = links.found(token).first { return try openSession(link, customer: body["customer"]) }
        let needed = ["items", "currency", "paymentMethodsAllowed", "destinations", "duration", "owner"]
        guard needed.contains(where: { body[$0] != nil }) else { throw .notFound("payment link with token", token) }
        if let missing = needed.first(where: { body[$0] == nil }) {
            throw .missing("\(missing) is missing; no payment link has this checkoutToken")
        }
        let (preTax, total) = try checkOffer(body)
        let expiry = now.adding(milliseconds: Bounds.milliseconds(ofSeconds: body["duration"]?.integer ?? 0))
        return addSession(linkID: nil, body.object ?? [:], preTax, total, expiry)
    }

    mutating func createCheckoutSessionFromLink(_ call: Call) throws(Refusal) -> Answer {
        let token = call.pathParameters["checkoutToken"] ?? ""
        guard let link = links.found(token).first else { throw .notFound("payment link with token", token) }
        return try openSession(link, customer: nil)
    }

    private mutating func openSession(_ link: PaymentLink, customer: JSON?) throws(Refusal) -> Answer {
        guard link.status == "ACTIVE" else { throw .state("payment link \(link.id) is \(link.status)") }
        var fields = link.fields
        if let customer { fields["customer"] = customer }
        return addSession(linkID: link.id, fields, link.preTax, link.total, link.expiresAt)
    }

    private mutating func addSession(linkID: String?, _ fields: JSONObject, _ preTax: Money, _ total: Money, _ expiry: Timestamp)
        -> Answer
    {
        let session = CheckoutSession(
            id: newID(), linkID: linkID, fields: fields, status: "ACTIVE", preTax: preTax, total: total, createdAt: now,
            expiresAt: expiry)
        sessions.put(session, session.id)
        due.plan(.expireSession(id: session.id), at: expiry)
        return Answer(status: 201, body: json(session))
    }

    func listCheckoutSessions(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let days = try call.days()
        let sort = query["sort"] ?? "createdAt:desc"
        guard sort.hasPrefix("createdAt:") else { throw .invalid("sort names \"\(sort)\"; checkout sessions sort by createdAt") }
        var matches = sessions.newestFirst.filter { session in
            let numbers = (session.fields["destinations"]?.array ?? []).compactMap(Payment.accountNumber)
            return query.allows("status", session.status)
                && query.allows("identityId", session.fields["owner"]?["identityId"]?.string)
                && (query["accountNumber"].map { numbers.contains($0) } ?? true) && days.contains(session.createdAt)
        }
        if sort.hasSuffix(":asc") { matches.reverse() }
        let page = try call.page(of: matches, id: \.id)
        return Answer(status: 200, body: page.envelope(page.items.map(json)))
    }

    private func session(_ call: Call) throws(Refusal) -> CheckoutSession {
        let id = call.objectID ?? ""
        guard let session = sessions[id] else { throw .notFound("checkout session", id) }
        return session
    }

    func getCheckoutSession(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: json(try session(call))) }

    mutating func deleteCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        sessions.remove(try session(call).id)
        return Answer(status: 200, body: [:])
    }

    /// Gives the newest session of a token new time: as long as the link lives, or the duration again where there is no link.
    mutating func refreshCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        let token = call.pathParameters["checkoutToken"] ?? ""
        guard let session = sessions.found(token).last else { throw .notFound("checkout session with token", token) }
        guard session.status == "ACTIVE" || session.status == "EXPIRED" || session.status == "FAILED" else {
            throw .state("checkout session \(session.id) is \(session.status) and cannot be refreshed")
        }
        var expiry = now.adding(milliseconds: Bounds.milliseconds(ofSeconds: session.fields["duration"]?.integer ?? 0))
        if let linkID = session.linkID {
            guard let link = links[linkID], link.status == "ACTIVE" else {
                throw .state("the payment link of checkout session \(session.id) is not active")
            }
            expiry = link.expiresAt
        }
        let refreshed = sessions.change(session.id) { session in
            session.status = "ACTIVE"
            session.expiresAt = expiry
            return session
        }
        due.plan(.expireSession(id: session.id), at: expiry)
        return Answer(status: 201, body: json(refreshed ?? session))
    }

    /// Makes the payment: a PURCHASE into the session's destinations, which then goes the way of all payments.
    mutating func payCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        let session = try session(call)
        guard session.status == "ACTIVE" else { throw .state("checkout session \(session.id) is \(session.status)") }
        let body = call.body ?? [:]
        let origins: JSON
        if let given = body["origins"] { origins = given } else { origins = [try origin(body, session)] }
        for node in origins.array ?? [] {
            let method = node["type"]?.string ?? ""
            guard session.methods.contains(method) else {
                throw .invalid("\(method) is not offered; this session takes \(session.methods.joined(separator: ", "))")
            }
        }
        var payment: JSONObject = [
            "type": "PURCHASE", "product": .string("\(session.total.currency):\(session.total.currency)"),
            "purchaseAmount": .string(session.total.text), "purchaseCurrency": .string(session.total.currency.code),
            "origins": origins,
            "destinations": session.fields["destinations"] ?? [],
        ]
        payment["description"] = body["description"]
        payment["identityId"] = session.fields["owner"]?["identityId"]
        let position = try addPayment(try PaymentDraft(.object(payment), self, isAttempt: false), sessionID: session.id)
        _ = sessions.change(session.id) { $0.status = "PROCESSING_PAYMENT" }
        if let linkID = session.linkID { _ = links.change(linkID) { $0.status = "PROCESSING_PAYMENT" } }
        return answer(position)
    }

    /// The node of a payment method and the payer's data; the pages to return to are the offer's.
    private func origin(_ body: JSON, _ session: CheckoutSession) throws(Refusal) -> JSON {
        guard let rail = body["paymentMethod"]?.string.flatMap(Rail.named), rail.isPayin, !rail.isAccount else {
            throw .invalid("paymentMethod is \(body["paymentMethod"]?.string ?? ""), which is no pay-in rail")
        }
        var payload = JSONObject()
        if rail.payloadMembers.contains("customer") {
            var payer = session.fields["customer"]?.object ?? [:]
            for (key, value) in body["customer"]?.object?.members ?? [] { payer[key] = value }
            if !payer.isEmpty { payload["customer"] = .object(payer) }
        }
        let home = JSON.string(checkoutURL(session.token))
        for (member, given) in [("successUrl", "successUrl"), ("failedUrl", "failedUrl"), ("redirectUrl", "successUrl")]
        where rail.payloadMembers.contains(member) {
            payload[member] = links[session.linkID ?? ""]?.fields[given] ?? session.fields[given] ?? home
        }
        return ["type": .string(rail.type), "currency": .string(session.total.currency.code), rail.key: .object(payload)]
    }

    mutating func expireSession(_ id: String) {
        let now = now
        _ = sessions.change(id) { if $0.status == "ACTIVE", $0.expiresAt <= now { $0.status = "EXPIRED" } }
    }

    /// The session and the link of a payment end with it.
    mutating func sessionFollows(_ position: Int) {
        guard let sessionID = payments[position].more.fields.checkoutSessionID, let session = sessions[sessionID] else { return }
        let isPaid = payments[position].state == .settled
        _ = sessions.change(sessionID) { $0.status = isPaid ? "FINISHED" : "FAILED" }
        guard let linkID = session.linkID else { return }
        let now = now
        _ = links.change(linkID) { $0.status = isPaid ? "FINISHED" : $0.expiresAt <= now ? "EXPIRED" : "ACTIVE" }
    }
}
