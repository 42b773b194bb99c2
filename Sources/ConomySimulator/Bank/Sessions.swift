import ConomyAPI
import ExactJSON

/// One payer's try at an offer.
struct CheckoutSession: Shelved {
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
        object["paymentConfigs"] = .array(prices(session).map { json($0, session) })
        object["status"] = .string(session.status)
        object["preTaxAmount"] = .string(session.preTax.text)
        object["totalAmount"] = .string(session.total.text)
        object["url"] = .string(checkoutURL(session.token))
        object["createdAt"] = .string(session.createdAt.description)
        object["expiresAt"] = .string(session.expiresAt.description)
        return .object(object)
    }

    /// What a session costs in each currency it can be paid in: its own, and those that a rate leads from.
    private struct Price {
        let amount: Money
        let rate: String
    }

    private func prices(_ session: CheckoutSession) -> [Price] {
        let currency = session.total.currency
        let foreign = options.exchangeRates.sorted { $0.key < $1.key }.compactMap { product, text -> Price? in
            let pair = product.split(separator: ":").map(String.init)
            guard pair.count == 2, pair[1] == currency.code, let rate = ExchangeRate(text) else { return nil }
            let amount = rate.invert(session.total, to: Currency(pair[0]))
            return amount.minorUnits > 0 && amount <= .most(amount.currency) ? Price(amount: amount, rate: text) : nil
        }
        return [Price(amount: session.total, rate: "1")] + foreign
    }

    private func json(_ price: Price, _ session: CheckoutSession) -> JSON {
        let code = price.amount.currency.code
        let methods = session.methods.compactMap(Rail.named).map { rail -> JSON in
            let isEnough = minimum(rail.type, price.amount.currency).map { price.amount >= $0 } ?? true
            return [
                "id": .string(rail.type),
                "type": rail.type == "CARD" ? "CARD" : rail.type == "CRYPTO" ? "WALLET" : "BANK_TRANSFER",
                "enabled": .bool(rail.carries(code) && isEnough),
                "requiredFields": .array(rail.requiredFields(incoming: true).map(JSON.string)),
                "purchaseAmount": .string(price.amount.text),
            ]
        }
        return [
            "currency": .string(code), "product": .string("\(code):\(session.total.currency)"),
            "exchangeRate": .string(price.rate), "paymentMethods": .array(methods),
        ]
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
        let expiry = now.adding(milliseconds: Int64(clamping: body["duration"]?.integer ?? 0) &* 1000)
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
        sessions.put(session)
        due.plan(.expireSession(id: session.id), at: expiry)
        return Answer(status: 201, body: json(session))
    }

    func listCheckoutSessions(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let days = try call.days()
        let sort = query["sort"] ?? "createdAt:desc"
        guard sort.hasPrefix("createdAt:") else { throw .invalid("sort names \"\(sort)\"; checkout sessions sort by createdAt") }
        let isFiltered = !days.isOpen || query.has("status", "identityId", "accountNumber")
        let page = try call.page(of: sessions, isFiltered: isFiltered, newestFirst: !sort.hasSuffix(":asc")) { session in
            let numbers = (session.fields["destinations"]?.array ?? []).compactMap(Payment.accountNumber)
            return query.allowsOneOf("status", session.status)
                && query.allows("identityId", session.fields["owner"]?["identityId"]?.string)
                && (query["accountNumber"].map { numbers.contains($0) } ?? true) && days.contains(session.createdAt)
        }
        return Answer(status: 200, body: page.envelope(page.items.map(json)))
    }

    private func session(_ call: Call) throws(Refusal) -> CheckoutSession {
        let id = call.objectID ?? ""
        guard let session = sessions[id] else { throw .notFound("checkout session", id) }
        return session
    }

    func getCheckoutSession(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: json(try session(call))) }

    /// A session that is being paid stays: its link waits for it. The contract has no 422 here.
    mutating func deleteCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        let session = try session(call)
        guard session.status != "PROCESSING_PAYMENT" else {
            throw .invalid("checkout session \(session.id) is PROCESSING_PAYMENT; delete it when the payment has ended")
        }
        sessions.remove(session.id)
        return Answer(status: 200, body: [:])
    }

    /// Gives the newest session of a token new time: as long as the link lives, or the duration again where there is no link.
    mutating func refreshCheckoutSession(_ call: Call) throws(Refusal) -> Answer {
        let token = call.pathParameters["checkoutToken"] ?? ""
        guard let session = sessions.found(token).last else { throw .notFound("checkout session with token", token) }
        guard session.status == "ACTIVE" || session.status == "EXPIRED" || session.status == "FAILED" else {
            throw .state("checkout session \(session.id) is \(session.status) and cannot be refreshed")
        }
        var expiry = now.adding(milliseconds: Int64(clamping: session.fields["duration"]?.integer ?? 0) &* 1000)
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
        if let linkID = session.linkID {
            // Of several sessions of a link one is paid.
            guard let link = links[linkID] else { throw .state("the payment link of checkout session \(session.id) is gone") }
            guard link.status == "ACTIVE" else { throw .state("payment link \(link.id) is \(link.status)") }
        }
        let body = call.body ?? [:]
        let origins: JSON
        if let given = body["origins"] { origins = given } else { origins = [try origin(body, session)] }
        for node in origins.array ?? [] {
            let method = node["type"]?.string ?? ""
            guard session.methods.contains(method) else {
                throw .invalid("\(method) is not offered; this session takes \(session.methods.joined(separator: ", "))")
            }
        }
        try checkRequirements(origins.array ?? [], session)
        let paid = origins.array?.first?["currency"]?.string ?? ""
        guard let price = prices(session).first(where: { $0.amount.currency.code == paid }) else {
            throw .invalid("origins[1].currency is \(paid), and this session is in \(session.total.currency)")
        }
        var payment: JSONObject = [
            "type": "PURCHASE", "product": .string("\(paid):\(session.total.currency)"),
            "purchaseAmount": .string(price.amount.text), "purchaseCurrency": .string(paid), "origins": origins,
            "destinations": session.fields["destinations"] ?? [],
        ]
        payment["description"] = body["description"]
        payment["identityId"] = session.fields["owner"]?["identityId"]
        let draft = try PaymentDraft(.object(payment), self, offer: session.total)
        let position = try addPayment(draft, sessionID: session.id)
        _ = sessions.change(session.id) { $0.status = "PROCESSING_PAYMENT" }
        if let linkID = session.linkID { _ = links.change(linkID) { $0.status = "PROCESSING_PAYMENT" } }
        return answer(position)
    }

    /// The node of a payment method and the payer's data; the pages to return to are the offer's.
    private func origin(_ body: JSON, _ session: CheckoutSession) throws(Refusal) -> JSON {
        guard let rail = body["paymentMethod"]?.string.flatMap(Rail.named), rail.isPayin, !rail.isAccount else {
            throw .invalid("paymentMethod is \(body["paymentMethod"]?.string ?? ""), which is no pay-in rail")
        }
        // A method that does not carry the session's own currency is paid in the first that it carries.
        guard let price = prices(session).first(where: { rail.carries($0.amount.currency.code) }) else {
            throw .invalid("\(rail.type) does not carry \(session.total.currency), and no exchange rate leads to it")
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
        return ["type": .string(rail.type), "currency": .string(price.amount.currency.code), rail.key: .object(payload)]
    }

    /// The offer's `customerRequirements`: what the payer must have said, in the payment or when the session was opened.
    private func checkRequirements(_ origins: [JSON], _ session: CheckoutSession) throws(Refusal) {
        for requirement in (session.fields["customerRequirements"]?.array ?? []).compactMap(\.string) {
            let known =
                [session.fields["customer"]]
                + origins.map { node in
                    node["type"]?.string.flatMap(Rail.named).flatMap { node[$0.key]?["customer"] }
                }
            let isThere = known.contains { payer in
                guard let value = payer?[requirement] else { return false }
                return !value.isNull && value.string != ""
            }
            guard isThere else { throw .missing("customer.\(requirement) is missing, and this offer asks for it") }
        }
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
