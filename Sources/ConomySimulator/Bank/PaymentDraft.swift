import ConomyAPI
import ExactJSON

/// A payment as it was asked for, checked by every rule; nothing has happened yet.
struct PaymentDraft {
    let kind: PaymentKind
    let product: String
    let purchase: Money
    let total: Money
    let fees: [FeeCharge]
    let externalID: String?
    let identityExternalID: String?
    let about: String?
    private(set) var expiresAt: Timestamp?
    let origins: [JSON]
    private(set) var destinations: [JSON]
    let identityID: String?
    let accountNumber: String?
    let customerID: String?
    /// What filters of rules look at.
    let traits: PaymentTraits

    /// - Parameter offer: what the destinations' amounts add up to, where it was agreed on before; otherwise it follows.
    /// - Throws: a refusal that names the first rule that is broken.
    init(_ body: JSON, _ bank: Bank, offer: Money? = nil) throws(Refusal) {
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

        let (from, to) = try PaymentDraft.currencies(body, origins, destinations)
        product = "\(from):\(to)"
        try PaymentDraft.checkNodes(origins, "origins", incoming: true, from)
        try PaymentDraft.checkNodes(destinations, "destinations", incoming: false, to)
        let rate = bank.options.exchangeRates[product].flatMap(ExchangeRate.init)

        // Amounts follow from the fees, fees from the owner's rules: the owner is found first.
        var owner = Owner(kind: kind)
        try owner.resolve(body, bank, origins, destinations, from, to)
        (identityID, accountNumber) = (owner.identityID, owner.accountNumber)
        traits = PaymentTraits(
            kind, purchaseCurrency: from.code, currency: to.code, nodes: origins + destinations,
            country: owner.ruling.flatMap { bank.identities[$0]?.text("country") })
        try bank.checkAllowed(owner.ruling, traits)
        let schedule = bank.feeSchedule(for: owner.ruling, kind, traits, from)
        (purchase, total) = try PaymentDraft.amounts(body, from, to, rate, schedule, bank)
        fees = schedule.charges(on: purchase)
        try PaymentDraft.checkSplit(origins, "origins", [purchase], bank)
        let gross: Money
        if let offer {
            gross = offer
        } else if from == to {
            gross = purchase
        } else {
            gross = rate?.convert(purchase, to: to) ?? total
        }
        if try PaymentDraft.checkSplit(destinations, "destinations", [total, gross], bank) == gross, gross != total {
            destinations = PaymentDraft.share(destinations, gross, total)
        }
        try bank.checkMinimum(origins, "origins", whole: purchase)
        try bank.checkMinimum(destinations, "destinations", whole: total)
        if let expiresAt, expiresAt <= bank.now { throw .invalid("expiresAt is \(expiresAt), which has passed") }
        if from != to, let life = bank.options.quoteLife {
            let end = bank.now.adding(milliseconds: life.milliseconds)
            expiresAt = min(expiresAt ?? end, end)
        }
        customerID = bank.customer(of: origins + destinations)?.id
        try bank.checkCustomer(customerID, total)
    }

    func payment(id: String, _ state: PaymentState, at now: Timestamp) -> Payment {
        var payment = Payment(
            id: id, kind: kind, state: state, total: total, purchase: purchase, externalID: externalID, identityID: identityID,
            accountNumber: accountNumber, product: product, about: about, origins: origins, destinations: destinations,
            createdAt: now, updatedAt: now)
        if let identityExternalID { payment.more.fields.identityExternalID = identityExternalID }
        if let expiresAt { payment.more.fields.expiresAt = expiresAt }
        if let customerID { payment.more.fields.customerID = customerID }
        if !fees.isEmpty { payment.more.fields.fees = fees }
        return payment
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

    /// Currencies and product, from what is given; each follows from the others where it is left out.
    private static func currencies(
        _ body: JSON, _ origins: [JSON], _ destinations: [JSON]
    ) throws(Refusal) -> (from: Currency, to: Currency) {
        let pair = body["product"]?.string?.split(separator: ":").map(String.init) ?? []
        let from = body["purchaseCurrency"]?.string ?? pair.first ?? origins.first?["currency"]?.string ?? ""
        let to = body["currency"]?.string ?? pair.last ?? destinations.first?["currency"]?.string ?? from
        for code in [from, to] where Currency.exponents[code] == nil { throw .invalid("currency \(code) is not known here") }
        if let given = body["product"]?.string, given != "\(from):\(to)" {
            throw .invalid("product is \(given), and the currencies are \(from):\(to)")
        }
        return (Currency(from), Currency(to))
    }

    /// What is sent (before fees and conversion) and what arrives (after both). One follows from the other; two must agree.
    private static func amounts(
        _ body: JSON, _ from: Currency, _ to: Currency, _ rate: ExchangeRate?, _ fees: FeeSchedule, _ bank: Bank
    ) throws(Refusal) -> (purchase: Money, total: Money) {
        let purchase = try body["purchaseAmount"]?.string.map { text throws(Refusal) in
            try bank.money(text, from, "purchaseAmount")
        }
        let total = try body["totalAmount"]?.string.map { text throws(Refusal) in try bank.money(text, to, "totalAmount") }
        for amount in [purchase, total] where amount?.minorUnits == 0 { throw .invalid("the amount is zero") }

        func net(_ purchase: Money) throws(Refusal) -> Money {
            guard let net = fees.net(of: purchase), net.minorUnits > 0 else {
                throw .state("the fees leave nothing of \(purchase)")
            }
            return net
        }
        func gross(_ net: Money) throws(Refusal) -> Money {
            guard let gross = fees.purchase(leaving: net), gross <= .most(from) else {
                throw .state("no amount in reach leaves \(net) after the fees")
            }
            return gross
        }
        func bounded(_ money: Money) throws(Refusal) -> Money {
            guard money.minorUnits > 0, money <= .most(money.currency) else {
                throw .state("the exchange rate turns the amount into \(money)")
            }
            return money
        }

        switch (purchase, total) {
        case (nil, nil): throw .missing("one of purchaseAmount, totalAmount is missing")
        case (let purchase?, nil) where from == to: return (purchase, try net(purchase))
        case (nil, let total?) where from == to: return (try gross(total), total)
        case (let purchase?, let total?) where from == to:
            let expected = try net(purchase)
            guard expected == total else {
                let fees = fees.isEmpty ? "without conversion they are equal" : "\(expected) are left after the fees"
                throw .invalid("totalAmount is \(total) and purchaseAmount is \(purchase); \(fees)")
            }
            return (purchase, total)
        case (let purchase?, let total?):
            let left = try net(purchase)
            guard let rate else { return (purchase, total) }
            let converted = rate.convert(left, to: to)
            guard converted == total || rate.invert(total, to: from) == left else {
                throw .invalid(
                    "totalAmount is \(total), and \(left) of purchaseAmount are \(converted) at the rate of \(from):\(to)")
            }
            return (purchase, total)
        default:
            guard let rate else {
                throw .state("there is no exchange rate for \(from):\(to); give purchaseAmount and totalAmount")
            }
            if let purchase { return (purchase, try bounded(rate.convert(try net(purchase), to: to))) }
            guard let total else { throw .missing("one of purchaseAmount, totalAmount is missing") }
            return (try gross(try bounded(rate.invert(total, to: from))), total)
        }
    }

    private static func checkNodes(
        _ nodes: [JSON], _ name: String, incoming: Bool, _ side: Currency
    ) throws(Refusal) {
        for (index, node) in nodes.enumerated() {
            let place = "\(name)[\(index + 1)]"
            guard let rail = node["type"]?.string.flatMap(Rail.named) else { throw .invalid("\(place).type is not known here") }
            if let other = Rail.all.first(where: { $0.key != rail.key && node[$0.key] != nil }) {
                throw .invalid("\(place).\(other.key) does not belong to a node of type \(rail.type)")
            }
            let currency = node["currency"]?.string ?? ""
            guard currency == side.code else {
                throw .invalid("\(place).currency is \(currency), and this side is in \(side)")
            }
            guard rail.carries(currency) else {
                throw .invalid(
                    "\(place).currency is \(currency), and \(rail.type) carries \(rail.currencies.joined(separator: ", "))")
            }
            if let missing = rail.missingField(in: node, incoming: incoming) {
                throw .missing("\(place).\(missing) is missing")
            }
        }
    }

    /// Several nodes say their parts, and a node that says one says the whole.
    /// - Returns: the one of `wholes` they add up to.
    @discardableResult
    private static func checkSplit(_ nodes: [JSON], _ name: String, _ wholes: [Money], _ bank: Bank) throws(Refusal) -> Money {
        let whole = wholes[0]
        guard nodes.count > 1 || nodes.first?["amount"]?.string != nil else { return whole }
        var sum = Money.zero(whole.currency)
        for (index, node) in nodes.enumerated() {
            let place = "\(name)[\(index + 1)].amount"
            guard let text = node["amount"]?.string else {
                throw .missing("\(place) is missing; each of several nodes says its part")
            }
            let part = try bank.money(text, whole.currency, place)
            guard part.minorUnits > 0 else { throw .invalid("\(place) is zero") }
            sum = sum + part
        }
        guard let found = wholes.first(where: { $0 == sum }) else {
            let expected = wholes.dropFirst().contains { $0 != whole } ? "\(whole), or \(wholes[1]) before fees" : "\(whole)"
            throw .invalid("the amounts of \(name) add up to \(sum), and the payment is \(expected)")
        }
        return found
    }

    /// The fees are cut from the destinations in proportion; the parts add up to what arrives.
    private static func share(_ nodes: [JSON], _ gross: Money, _ total: Money) -> [JSON] {
        var before: Int128 = 0
        var given: Int128 = 0
        return nodes.map { node in
            guard var object = node.object, let part = node["amount"]?.string.flatMap({ try? Money($0, gross.currency) }) else {
                return node
            }
            before += part.minorUnits
            let end = before * total.minorUnits / gross.minorUnits
            object["amount"] = .string(Money(minorUnits: end - given, total.currency).text)
            given = end
            return .object(object)
        }
    }
}

/// Finds the account a payment belongs to, and its owner.
private struct Owner {
    let kind: PaymentKind
    private(set) var identityID: String?
    private(set) var accountNumber: String?
    /// Whose rules hold: a purchase may name its payer as its identity, and is still ruled by who receives it.
    private(set) var ruling: String?

    init(kind: PaymentKind) { self.kind = kind }

    /// Only the owner may move money out of an account, or collect into it.
    mutating func resolve(
        _ body: JSON, _ bank: Bank, _ origins: [JSON], _ destinations: [JSON], _ from: Currency, _ to: Currency
    ) throws(Refusal) {
        var given = body["identityId"]?.string
        if given == nil, let external = body["identityExternalId"]?.string {
            guard let identity = bank.identities.found("externalId \(external)").first else {
                throw .notFound("identity with externalId", external)
            }
            given = identity.id
        }
        if let given, bank.identities[given] == nil { throw .notFound("identity", given) }

        for (nodes, name, currency) in [(origins, "origins", from), (destinations, "destinations", to)] {
            for (index, node) in nodes.enumerated() where node["type"] == "ACCOUNT" {
                let place = "\(name)[\(index + 1)].account"
                guard let number = Payment.accountNumber(node) else { throw .missing("\(place).accountNumber is missing") }
                guard let account = bank.named(number) else { throw .notFound("account", number) }
                guard account.currency == currency else {
                    throw .invalid("\(place) \(number) is in \(account.currency), not in \(currency)")
                }
                guard account.status == "ACTIVE" else { throw .state("account \(number) is \(account.status)") }
            }
        }
        let receiving = destinations.compactMap(Payment.accountNumber)
        if let number = origins.compactMap(Payment.accountNumber).first(where: receiving.contains) {
            throw .invalid("account \(number) is origin and destination; the payment would move nothing")
        }
        // The account that decides: the one that pays, or for money that comes in, the first that receives.
        let deciding = kind == .collect ? destinations : origins.contains { $0["type"] == "ACCOUNT" } ? origins : destinations
        let principal = deciding.lazy.compactMap(Payment.accountNumber).first
        if let number = body["accountNumber"]?.string {
            guard let account = bank.named(number) else { throw .notFound("account", number) }
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
        ruling = owner ?? given
    }
}
