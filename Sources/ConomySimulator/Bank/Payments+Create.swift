import ConomyAPI
import ExactJSON

extension Bank {
    func money(_ text: String, _ currency: Currency, _ field: String) throws(Refusal) -> Money {
        do { return try Bounds.money(text, currency) } catch { throw .invalid("\(field): \(error)") }
    }

    mutating func createPayment(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        if body["type"]?.string == "REFUND" { return try createRefundPayment(body) }
        let position = try addPayment(try PaymentDraft(body, self, isAttempt: false))
        return answer(position)
    }

    func checkExternalID(_ body: JSON) throws(Refusal) {
        guard options.rejectsRepeatedExternalIDs, let id = body["externalId"]?.string, externalIDs.contains(id) else { return }
        throw Refusal(.alreadyExist, "a payment with externalId \(id) exists")
    }

    /// Holds the money a checked draft needs, and adds the payment in CREATED, or in REQUIRES_REVIEW where the gate says so.
    mutating func addPayment(_ draft: PaymentDraft, sessionID: String? = nil) throws(Refusal) -> Int {
        var payment = Payment(
            id: newID(), kind: draft.kind, state: .created, total: draft.total, purchase: draft.purchase,
            externalID: draft.externalID, identityID: draft.identityID, accountNumber: draft.accountNumber,
            product: draft.product,
            about: draft.about, createdAt: now, updatedAt: now)
        payment.destinations = draft.destinations
        let internalLegs = Payment(
            id: "", kind: draft.kind, state: .created, total: draft.total, purchase: draft.purchase, origins: draft.origins,
            createdAt: now,
            updatedAt: now
        ).originLegs.filter(\.isAccount)
        try hold(internalLegs)
        payment.holds = internalLegs
        payment.origins = draft.origins.map { instructions($0) }
        payment.more.fields.identityExternalID = draft.identityExternalID
        payment.more.fields.expiresAt = draft.expiresAt
        payment.more.fields.customerID = draft.customerID
        payment.more.fields.checkoutSessionID = sessionID
        if gates(draft.total, draft.customerID.flatMap { customers[$0] }) {
            payment.state = .requiresReview
            payment.more.fields.documentationStatus = "PENDING_UPLOAD"
        }
        if let externalID = draft.externalID, options.rejectsRepeatedExternalIDs { externalIDs.insert(externalID) }
        let position = payments.add(payment)
        if let expiry = draft.expiresAt { due.plan(.expire(payment: position), at: expiry) }
        return position
    }

    /// The review gate: the total reaches its currency's threshold, and no document of the customer was approved.
    private func gates(_ total: Money, _ customer: Customer?) -> Bool {
        guard let text = options.reviewThresholds[total.currency.code], let threshold = try? Money(text, total.currency) else {
            return false
        }
        return total >= threshold && !(customer?.isDocumented ?? false)
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

/// A payment as it was asked for, checked by every rule; nothing has happened yet.
struct PaymentDraft {
    let kind: PaymentKind
    let product: String
    let purchase: Money
    let total: Money
    let externalID: String?
    let identityExternalID: String?
    let about: String?
    let expiresAt: Timestamp?
    let origins: [JSON]
    let destinations: [JSON]
    private(set) var identityID: String?
    private(set) var accountNumber: String?
    private(set) var customerID: String?

    /// - Throws: a refusal that names the first rule that is broken.
    init(_ body: JSON, _ bank: Bank, isAttempt: Bool) throws(Refusal) {
        origins = body["origins"]?.array ?? []
        destinations = body["destinations"]?.array ?? []
        externalID = body["externalId"]?.string
        identityExternalID = body["identityExternalId"]?.string
        about = body["description"]?.string
        expiresAt = body["expiresAt"]?.string.flatMap { Timestamp($0) }
        try bank.checkExternalID(body)

        // An attempt may leave its type out; then the sides say what it is.
        let kindName =
            body["type"]?.string ?? (destinations.contains { $0["type"] == "ACCOUNT" } ? "TOPUP_ACCOUNT" : "WITHDRAWAL_ACCOUNT")
        guard let kind = PaymentKind(rawValue: kindName) else { throw .invalid("type \(kindName) is not known here") }
        self.kind = kind
        try PaymentDraft.checkShape(kind, origins, destinations)

        (purchase, total, product) = try PaymentDraft.amounts(body, origins, destinations, bank)
        try PaymentDraft.checkNodes(origins, "origins", incoming: true, whole: purchase, requireFields: !isAttempt)
        try PaymentDraft.checkNodes(destinations, "destinations", incoming: false, whole: total, requireFields: !isAttempt)
        if let expiresAt, expiresAt <= bank.now { throw .invalid("expiresAt is \(expiresAt), which has passed") }
        try resolveOwner(body, bank)
        customerID = bank.customer(of: origins + destinations)?.id
    }

    private enum Side: String {
        case account = "ACCOUNT", payin = "a pay-in rail", payout = "a payout rail", accountOrPayin = "ACCOUNT or a pay-in rail"

        func accepts(_ rail: Rail) -> Bool {
            switch self {
            case .account: rail.isAccount
            case .payin: rail.isPayin && !rail.isAccount
            case .payout: rail.isPayout && !rail.isAccount
            case .accountOrPayin: rail.isPayin
            }
        }
    }

    /// Which nodes a type takes on each side, and how many.
    private static func checkShape(_ kind: PaymentKind, _ origins: [JSON], _ destinations: [JSON]) throws(Refusal) {
        let from: (side: Side, many: Bool)
        let to: (side: Side, many: Bool)
        switch kind {
        case .topup: (from, to) = ((.payin, false), (.account, false))
        case .purchase: (from, to) = ((.payin, false), (.account, true))
        case .withdrawal: (from, to) = ((.account, false), (.payout, true))
        case .remittance: (from, to) = ((.accountOrPayin, false), (.payout, false))
        case .p2p: (from, to) = ((.account, false), (.account, true))
        case .collect: (from, to) = ((.account, true), (.account, false))
        case .fee, .refund, .localDeposit:
            throw Refusal(.forbiddenOperation, "\(kind.rawValue) payments are made by the platform only")
        }
        for (nodes, rule, name) in [(origins, from, "origins"), (destinations, to, "destinations")] {
            guard rule.many || nodes.count == 1 else {
                throw .invalid("\(name) has \(nodes.count) nodes, and \(kind.rawValue) takes one")
            }
            for (index, node) in nodes.enumerated() {
                let type = node["type"]?.string ?? ""
                guard let rail = Rail.named(type), rule.side.accepts(rail) else {
                    throw .invalid(
                        "\(name)[\(index + 1)].type is \(type), and \(kind.rawValue) takes \(rule.side.rawValue) there")
                }
            }
        }
    }

    /// Amounts, currencies and product, from what is given; each follows from the others where it is left out.
    private static func amounts(
        _ body: JSON, _ origins: [JSON], _ destinations: [JSON], _ bank: Bank
    ) throws(Refusal) -> (purchase: Money, total: Money, product: String) {
        let pair = body["product"]?.string?.split(separator: ":").map(String.init) ?? []
        let nodeFrom = origins.first?["currency"]?.string
        let nodeTo = destinations.first?["currency"]?.string
        let from = body["purchaseCurrency"]?.string ?? pair.first ?? nodeFrom ?? ""
        let to = body["currency"]?.string ?? pair.last ?? nodeTo ?? from
        for code in [from, to] where Currency.exponents[code] == nil { throw .invalid("currency \(code) is not known here") }
        let product = "\(from):\(to)"
        if let given = body["product"]?.string, given != product {
            throw .invalid("product is \(given), and the currencies are \(product)")
        }
        let purchaseCurrency = Currency(from)
        let currency = Currency(to)
        var purchase: Money?
        var total: Money?
        if let text = body["purchaseAmount"]?.string { purchase = try bank.money(text, purchaseCurrency, "purchaseAmount") }
        if let text = body["totalAmount"]?.string { total = try bank.money(text, currency, "totalAmount") }
        if from == to {
            guard let amount = purchase ?? total else { throw .missing("one of purchaseAmount, totalAmount is missing") }
            if let total, total != amount {
                throw .invalid("totalAmount is \(total) and purchaseAmount is \(amount); without conversion they are equal")
            }
            (purchase, total) = (amount, amount)
        } else if purchase == nil || total == nil {
            guard let rate = bank.options.exchangeRates[product].flatMap(ExchangeRate.init) else {
                throw .state("there is no exchange rate for \(product); give purchaseAmount and totalAmount")
            }
            if let given = purchase ?? total {
                let other = purchase == nil ? rate.invert(given, to: purchaseCurrency) : rate.convert(given, to: currency)
                guard let other else { throw .invalid("\(given) at the rate of \(product) is more than can be counted") }
                (purchase, total) = (purchase ?? other, total ?? other)
            }
        }
        guard let purchase, let total else { throw .missing("one of purchaseAmount, totalAmount is missing") }
        guard purchase.minorUnits > 0, total.minorUnits > 0 else { throw .invalid("the amount is zero") }
        return (purchase, total, product)
    }

    private static func checkNodes(
        _ nodes: [JSON], _ name: String, incoming: Bool, whole: Money, requireFields: Bool
    ) throws(Refusal) {
        var sum = Money.zero(whole.currency)
        for (index, node) in nodes.enumerated() {
            let place = "\(name)[\(index + 1)]"
            guard let rail = node["type"]?.string.flatMap(Rail.named) else { throw .invalid("\(place).type is not known here") }
            if let other = Rail.all.first(where: { $0.key != rail.key && node[$0.key] != nil }) {
                throw .invalid("\(place).\(other.key) does not belong to a node of type \(rail.type)")
            }
            let currency = node["currency"]?.string ?? ""
            guard currency == whole.currency.code else {
                throw .invalid("\(place).currency is \(currency), and this side is in \(whole.currency)")
            }
            guard rail.currencies.isEmpty || rail.currencies.contains(currency) else {
                throw .invalid(
                    "\(place).currency is \(currency), and \(rail.type) carries \(rail.currencies.joined(separator: ", "))")
            }
            if requireFields, let missing = rail.missingField(in: node, incoming: incoming) {
                throw .missing("\(place).\(missing) is missing")
            }
            guard let text = node["amount"]?.string else {
                if nodes.count > 1 { throw .missing("\(place).amount is missing; each of several nodes says its part") }
                continue
            }
            do { sum = sum + (try Bounds.money(text, whole.currency)) } catch { throw .invalid("\(place).amount: \(error)") }
        }
        let isSplit = nodes.count > 1 || nodes.first?["amount"] != nil
        guard !isSplit || sum == whole else {
            throw .invalid("the amounts of \(name) add up to \(sum), and the payment is \(whole)")
        }
        let zero = nodes.firstIndex { node in
            nodes.count > 1 && node["amount"]?.string.flatMap { try? Money($0, whole.currency) }?.minorUnits == 0
        }
        if let zero { throw .invalid("\(name)[\(zero + 1)].amount is zero") }
    }

    /// The account the payment belongs to, and its owner. Only the owner may move money out of an account, or collect into it.
    private mutating func resolveOwner(_ body: JSON, _ bank: Bank) throws(Refusal) {
        var given = body["identityId"]?.string
        if given == nil, let external = identityExternalID {
            guard let identity = bank.identities.found("externalId \(external)").first else {
                throw .notFound("identity with externalId", external)
            }
            given = identity.id
        }
        if let given, bank.identities[given] == nil { throw .notFound("identity", given) }

        for (nodes, name, whole) in [(origins, "origins", purchase), (destinations, "destinations", total)] {
            for (index, node) in nodes.enumerated() where node["type"] == "ACCOUNT" {
                let place = "\(name)[\(index + 1)].account"
                guard let number = Payment.accountNumber(node) else { throw .missing("\(place).accountNumber is missing") }
                guard let account = bank.accounts[number: number] else { throw .notFound("account", number) }
                guard account.currency == whole.currency else {
                    throw .invalid("\(place) \(number) is in \(account.currency), not in \(whole.currency)")
                }
                guard account.status == "ACTIVE" else { throw .state("account \(number) is \(account.status)") }
            }
        }
        // The account that decides: the one that pays, or for money that comes in, the first that receives.
        let deciding = kind == .collect ? destinations : origins.contains { $0["type"] == "ACCOUNT" } ? origins : destinations
        let principal = deciding.lazy.compactMap(Payment.accountNumber).first
        if let number = body["accountNumber"]?.string {
            guard let account = bank.accounts[number: number] else { throw .notFound("account", number) }
            if let given, account.identityID != given { throw .invalid("account \(number) does not belong to identity \(given)") }
            accountNumber = number
        } else {
            accountNumber = principal
        }
        let owner = principal.flatMap { bank.accounts[number: $0]?.identityID }
        if let given, let owner, let principal, owner != given, kind != .purchase {
            throw Refusal(.forbiddenOperation, "account \(principal) does not belong to identity \(given)")
        }
        identityID = given ?? owner
    }
}
