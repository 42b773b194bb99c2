import ConomyAPI
import ExactJSON

/// Reads one object of a world; remembers where it stands, for errors.
struct Entry {
    let part: String
    let index: Int
    let object: JSONObject

    private static let limit = ExactDecimal.power(30)

    /// Objects of a world are read member by member, once.
    func wrong(_ member: String, _ problem: String) -> WorldError {
        WorldError(path: "\(part)[\(index + 1)].\(member)", problem: problem)
    }

    func text(_ member: String) throws(WorldError) -> String? {
        switch object[member] {
        case nil, .null?: nil
        case .string(let text)?: text
        case let other?: throw wrong(member, "is \(other.kind) where a text belongs")
        }
    }

    func needed(_ member: String) throws(WorldError) -> String {
        guard let text = try text(member), !text.isEmpty else { throw wrong(member, "is missing") }
        return text
    }

    func time(_ member: String) throws(WorldError) -> Timestamp? {
        guard let text = try text(member) else { return nil }
        guard let time = Timestamp(text) else {
            throw wrong(member, "is \"\(text)\", which is not a time as 2026-04-17T14:37:44Z")
        }
        return time
    }

    func money(_ member: String, _ currency: Currency) throws(WorldError) -> Money? {
        guard let text = try text(member) else { return nil }
        let money: Money
        do { money = try Money(text, currency) } catch { throw wrong(member, ": \(error)") }
        // Far below the end of the numbers, so that sums stay there too.
        guard money.minorUnits < Entry.limit else { throw wrong(member, "is \(money), which is too large") }
        return money
    }

    func list(_ member: String) throws(WorldError) -> [JSON] {
        switch object[member] {
        case nil, .null?: []
        case .array(let items)?: items
        case let other?: throw wrong(member, "is \(other.kind) where a list belongs")
        }
    }
}

extension Bank {
    /// A bank in the state of a world. Its history moves no money.
    init(world: World, options given: SimulatorOptions, clock: SimulatorClock) throws(WorldError) {
        // What code gave is checked as a world's settings are.
        var options = given
        try options.take(.object(given.settings))
        options = given
        try options.take(world.settings)
        self.init(options: options, clock: clock)
        if let drawn = world.json["identifiers"]?.string, !identifiers.resume(drawn) {
            throw WorldError(path: "identifiers", problem: "is \"\(drawn)\", which no snapshot wrote")
        }
        try Bank.each("identities", world) { entry throws(WorldError) in try open(identity: entry) }
        try Bank.each("accounts", world, known: Bank.accountMembers) { entry throws(WorldError) in try open(account: entry) }
        try Bank.each("customers", world) { entry throws(WorldError) in try open(customer: entry) }
        var reader = PaymentReader(accounts: accounts)
        var loaded: [Payment] = []
        var seen: Set<String> = []
        loaded.reserveCapacity(world.list("payments").count)
        try Bank.each("payments", world, known: Bank.paymentMembers) { entry throws(WorldError) in
            let payment = try reader.payment(entry)
            guard seen.insert(payment.id).inserted else { throw entry.wrong("id", "is \(payment.id), which another payment has") }
            loaded.append(payment)
        }
        for (index, payment) in loaded.enumerated() {
            if let parent = payment.parentID, !seen.contains(parent) {
                throw WorldError(
                    path: "payments[\(index + 1)].parentPaymentId", problem: "is \(parent), and there is no such payment")
            }
        }
        payments.add(all: loaded)
        try checkHolds()
        for (position, payment) in loaded.enumerated() {
            if let time = payment.settlesAt { planSettling(position, at: time) }
            if !payment.state.isTerminal, let time = payment.more.fields.expiresAt {
                planExpiry(position, at: time)
            }
            if options.rejectsRepeatedExternalIDs, let id = payment.externalID { externalIDs.insert(id) }
        }
        try Bank.each("paymentAttempts", world, known: Bank.paymentMembers) { entry throws(WorldError) in
            let attempt = try reader.payment(entry)
            attempts.put(attempt)
        }
        try Bank.each("paymentLinks", world) { entry throws(WorldError) in try open(link: entry) }
        try Bank.each("checkoutSessions", world) { entry throws(WorldError) in try open(session: entry) }
        try Bank.each("rules", world) { entry throws(WorldError) in
            rules.put(Rule(id: try entry.needed("id"), fields: entry.object))
        }
        try open(webhookOf: world)
        try Bank.each("ledger", world) { entry throws(WorldError) in
            let currency = Currency(try entry.needed("currency"))
            guard let time = try entry.time("time"), let amount = try entry.money("amount", currency) else {
                throw entry.wrong("time", "or amount is missing")
            }
            ledger.append(
                LedgerEntry(
                    sequence: ledger.count + 1, time: time, paymentID: try entry.needed("paymentId"),
                    from: try entry.needed("from"),
                    to: try entry.needed("to"), amount: amount))
        }
    }

    /// - Parameter known: the members there are; another one is a mistake. Nil where the contract leaves it open.
    private static func each(
        _ part: String, _ world: World, known: Set<String>? = nil, _ read: (Entry) throws(WorldError) -> Void
    ) throws(WorldError) {
        for (index, value) in world.list(part).enumerated() {
            guard let object = value.object else {
                throw WorldError(path: "\(part)[\(index + 1)]", problem: "is \(value.kind) where an object belongs")
            }
            let entry = Entry(part: part, index: index, object: object)
            if let known {
                for (key, _) in object.members where !known.contains(key) {
                    let meant = closest(to: key, among: known.sorted()).map { "; did you mean \($0)?" } ?? ""
                    throw entry.wrong(key, "is not known\(meant)")
                }
            }
            try read(entry)
        }
    }

    /// Those of the contract's answer, and what snapshots add. A misspelt amount would be money that is not there.
    private static func members(_ schema: String, _ more: String...) -> Set<String> {
        Set((Schema.named(schema)?.properties.map(\.name) ?? []) + more)
    }
    private static let accountMembers = members("Account", "deleted")
    private static let paymentMembers = members(
        "Payment", "settlesAt", "holds", "committed", "arrived", "documents", "providerReference", "originante")

    private mutating func open(webhookOf world: World) throws(WorldError) {
        if let json = world.json["webhook"] {
            do throws(OrderError) { webhooks.endpoint = try WebhookEndpoint(json, path: "webhook") } catch {
                throw WorldError(path: error.path, problem: error.problem)
            }
        }
        var deliveries: [WebhookDelivery] = []
        for (index, json) in world.list("deliveries").enumerated() {
            guard let delivery = WebhookDelivery(json) else {
                throw WorldError(path: "deliveries[\(index + 1)]", problem: "is not a delivery that a snapshot wrote")
            }
            deliveries.append(delivery)
        }
        guard webhooks.restore(deliveries) else {
            throw WorldError(path: "deliveries", problem: "are not numbered one after the other")
        }
    }

    mutating func open(identity entry: Entry) throws(WorldError) {
        let id = try entry.needed("id")
        guard identities[id] == nil else { throw entry.wrong("id", "is \(id), which another identity has") }
        let created = try entry.time("createdAt") ?? now
        var identity = Identity(
            id: id, fields: entry.object, createdAt: created, updatedAt: try entry.time("updatedAt") ?? created)
        identity.children = try entry.list("children").compactMap { $0.string ?? $0["id"]?.string }
        identity.permissions = try entry.list("permissions")
        identity.feeRules = try entry.list("feeRules").compactMap(\.object)
        brands[id] = entry.object["brand"]?.object
        for member in ["id", "children", "permissions", "feeRules", "brand", "createdAt", "updatedAt"] {
            identity.fields[member] = nil
        }
        if identity.fields["status"] == nil { identity.fields["status"] = "ACTIVE" }
        identities.put(identity)
    }

    /// - Parameter isAdopted: its owner need not be here.
    mutating func open(account entry: Entry, isAdopted: Bool = false) throws(WorldError) {
        let id = try entry.needed("id")
        let number = try entry.needed("accountNumber")
        guard accounts[id: id] == nil else { throw entry.wrong("id", "is \(id), which another account has") }
        guard accounts.everKnown(number: number) == nil else {
            throw entry.wrong("accountNumber", "is \(number), which another account has")
        }
        let identityID = try entry.needed("identityId")
        let isDeleted = entry.object["deleted"]?.bool ?? false
        // The owner of a deleted account may be gone too.
        let identity = identities[identityID]
        guard isDeleted || isAdopted || identity != nil else {
            throw entry.wrong("identityId", "is \(identityID), and there is no such identity")
        }
        let currency = Currency(try entry.needed("currency"))
        guard Currency.exponents[currency.code] != nil else {
            throw entry.wrong("currency", "is \(currency), which is not known")
        }
        let balance = try entry.money("balance", currency) ?? .zero(currency)
        let available = try entry.money("availableFunds", currency) ?? balance
        guard available <= balance else {
            throw entry.wrong("availableFunds", "is \(available), more than the balance of \(balance)")
        }
        let created = try entry.time("createdAt") ?? now
        let account = Account(
            id: id, number: number, identityID: identityID, externalID: try entry.text("externalId"),
            type: try entry.text("type") ?? "CHECKING", custody: try entry.text("custody") ?? "BANK_ACCOUNT",
            currency: currency,
            name: try entry.text("name") ?? "", holder: try entry.text("accountHolder") ?? identity?.fullName ?? "",
            status: try entry.text("status") ?? "ACTIVE",
            parentID: try entry.text("parentId").flatMap { $0.isEmpty ? nil : $0 },
            custodyBankAccount: entry.object["custodyBankAccount"], balance: balance, available: available,
            createdAt: created,
            updatedAt: try entry.time("updatedAt") ?? created)
        guard !isDeleted || balance.minorUnits == 0 else {
            throw entry.wrong("balance", "is \(balance), and the account is deleted")
        }
        add(account)
        if isDeleted { remove(account) }
    }

    mutating func open(customer entry: Entry) throws(WorldError) {
        let id = try entry.needed("id")
        guard customers[id] == nil else { throw entry.wrong("id", "is \(id), which another customer has") }
        let created = try entry.time("createdAt") ?? now
        var customer = Customer(
            id: id, fields: entry.object, isAutoCreated: entry.object["autoCreated"]?.bool ?? false, createdAt: created,
            updatedAt: try entry.time("updatedAt") ?? created)
        customer.documents = try entry.list("documents")
        for member in ["id", "clientId", "autoCreated", "isDocumented", "documents", "limits", "createdAt", "updatedAt"] {
            customer.fields[member] = nil
        }
        customers.put(customer)
    }

    mutating func open(link entry: Entry) throws(WorldError) {
        let id = try entry.needed("id")
        let (preTax, total) = try offer(entry)
        let created = try entry.time("createdAt") ?? now
        let seconds = entry.object["duration"]?.integer ?? 0
        let expiry = try entry.time("expiresAt") ?? created.adding(milliseconds: Int64(clamping: seconds) &* 1000)
        let fields = Bank.without(["id", "status", "preTaxAmount", "totalAmount", "url", "createdAt", "expiresAt"], entry.object)
        links.put(
            PaymentLink(
                id: id, fields: fields, status: try entry.text("status") ?? "ACTIVE", preTax: preTax, total: total,
                createdAt: created,
                expiresAt: expiry))
        due.plan(.expireLink(id: id), at: expiry)
    }

    mutating func open(session entry: Entry) throws(WorldError) {
        let id = try entry.needed("id")
        let (preTax, total) = try offer(entry)
        let created = try entry.time("createdAt") ?? now
        let seconds = entry.object["duration"]?.integer ?? 0
        let expiry = try entry.time("expiresAt") ?? created.adding(milliseconds: Int64(clamping: seconds) &* 1000)
        let made = [
            "id", "paymentLinkId", "paymentConfigs", "status", "preTaxAmount", "totalAmount", "url", "createdAt", "expiresAt",
        ]
        sessions.put(
            CheckoutSession(
                id: id, linkID: try entry.text("paymentLinkId"), fields: Bank.without(made, entry.object),
                status: try entry.text("status") ?? "ACTIVE", preTax: preTax, total: total, createdAt: created, expiresAt: expiry)
        )
        due.plan(.expireSession(id: id), at: expiry)
    }

    private func offer(_ entry: Entry) throws(WorldError) -> (preTax: Money, total: Money) {
        do { return try checkOffer(.object(entry.object), isNew: false) } catch {
            throw WorldError(path: "\(entry.part)[\(entry.index + 1)]", problem: "does not fit: \(error.detail)")
        }
    }

    private static func without(_ members: [String], _ object: JSONObject) -> JSONObject {
        var object = object
        for member in members { object[member] = nil }
        return object
    }

    /// What payments say they hold must be there.
    private func checkHolds() throws(WorldError) {
        var held: [String: Money] = [:]
        for payment in payments.all where !payment.holds.isEmpty {
            for leg in payment.holds { held[leg.party] = (held[leg.party] ?? .zero(leg.amount.currency)) + leg.amount }
        }
        for (index, account) in accounts.all.enumerated() {
            guard let amount = held[account.number], let set = account.balance - account.available, set < amount else { continue }
            throw WorldError(
                path: "accounts[\(index + 1)].availableFunds", problem: "leaves \(set) on hold, and payments hold \(amount)")
        }
    }
}

/// Reads payments. Nodes that look alike share their storage: a large world repeats a few of them endlessly.
struct PaymentReader {
    let accounts: AccountBook
    private var shared: [String: [JSON]] = [:]
    private var currencies: [String: Currency] = [:]

    init(accounts: AccountBook) { self.accounts = accounts }

    /// - Parameter isAdopted: the accounts it names need not be here.
    mutating func payment(_ entry: Entry, isAdopted: Bool = false) throws(WorldError) -> Payment {
        let kindName = try entry.needed("type")
        guard let kind = PaymentKind(rawValue: kindName) else {
            throw entry.wrong("type", "is \(kindName), which is no type of payment")
        }
        let stateName = try entry.needed("status")
        guard let state = PaymentState(rawValue: stateName) else {
            throw entry.wrong("status", "is \(stateName), which is no status")
        }
        let currency = try currency(entry, "currency", try entry.needed("currency"))
        let purchaseCurrency =
            try entry.text("purchaseCurrency").map { code throws(WorldError) in try self.currency(entry, "purchaseCurrency", code)
            } ?? currency
        let purchase = try entry.money("purchaseAmount", purchaseCurrency)
        guard let total = try entry.money("totalAmount", currency) ?? (purchaseCurrency == currency ? purchase : nil) else {
            throw entry.wrong("totalAmount", "is missing")
        }
        if let purchase, purchase.currency == currency, purchase < total {
            throw entry.wrong("totalAmount", "is \(total), more than the purchase amount of \(purchase)")
        }
        guard let created = try entry.time("createdAt") else { throw entry.wrong("createdAt", "is missing") }
        var payment = Payment(
            id: try entry.needed("id"), kind: kind, state: state, total: total, purchase: purchase,
            externalID: try entry.text("externalId"),
            identityID: try entry.text("identityId"), accountNumber: try entry.text("accountNumber"),
            product: try entry.text("product"),
            about: try entry.text("description"), parentID: try entry.text("parentPaymentId"), createdAt: created,
            updatedAt: try entry.time("updatedAt") ?? created, settlesAt: try entry.time("settlesAt"),
            settledAt: try entry.time("settledAt"))
        if kind == .refund, payment.parentID == nil { throw entry.wrong("parentPaymentId", "is missing") }
        payment.origins = try nodes(entry, "origins")
        payment.destinations = try nodes(entry, "destinations")
        if !isAdopted { try check(payment, entry) }
        payment.isCommitted = entry.object["committed"]?.bool ?? (state == .settled)
        for value in try entry.list("holds") {
            guard let number = value["accountNumber"]?.string, let account = accounts[number: number],
                let text = value["amount"]?.string,
                let amount = try? Money(text, account.currency)
            else { throw entry.wrong("holds", "is not a list of accountNumber and amount") }
            payment.holds.append(Leg(party: number, amount: amount))
        }
        try readRest(&payment, entry)
        return payment
    }

    /// Most payments have none of these; those cost one look at each.
    private func readRest(_ payment: inout Payment, _ entry: Entry) throws(WorldError) {
        let isDeposit = payment.kind == .localDeposit && payment.isUnclaimed
        guard isDeposit || entry.object.members.contains(where: { PaymentReader.rest.contains($0.key) }) else { return }
        payment.more.fields.identityExternalID = try entry.text("identityExternalId")
        payment.more.fields.expiresAt = try entry.time("expiresAt")
        payment.more.fields.relatedPaymentID = try entry.text("relatedPaymentId")
        payment.more.fields.customerID = try entry.text("customerId")
        payment.more.fields.checkoutSessionID = try entry.text("checkoutSessionId")
        payment.more.fields.documentationStatus = try entry.text("documentationStatus")
        payment.more.fields.reconciliationStatus = try entry.text("reconciliationStatus")
        payment.more.fields.unsettledReason = try entry.text("unsettledReason")
        payment.more.fields.authorizedAt = try entry.time("authorizedAt")
        payment.more.fields.capturedAt = try entry.time("capturedAt")
        payment.more.fields.expiredAt = try entry.time("expiredAt")
        payment.more.fields.unsettledAt = try entry.time("unsettledAt")
        payment.more.fields.documents = try entry.list("documents")
        payment.more.fields.providerReference = try entry.text("providerReference")
        payment.more.fields.originator = entry.object["originante"]
        payment.more.fields.hasArrived = entry.object["arrived"]?.bool ?? isDeposit
        payment.more.fields.fees = try entry.list("fees").map { fee throws(WorldError) in
            let code = fee["currency"]?.string ?? payment.total.currency.code
            guard let amount = fee["amount"]?.string.flatMap({ try? Money($0, Currency(code)) }) else {
                throw entry.wrong("fees", "has one without an amount")
            }
            return FeeCharge(
                name: fee["name"]?.string ?? "Fee", type: fee["type"]?.string ?? "FIXED",
                value: fee["value"]?.string ?? amount.text, amount: amount)
        }
    }

    private static let rest: Set = [
        "identityExternalId", "expiresAt", "relatedPaymentId", "customerId", "checkoutSessionId", "documentationStatus",
        "reconciliationStatus", "unsettledReason", "authorizedAt", "capturedAt", "expiredAt", "unsettledAt", "documents",
        "providerReference", "originante", "arrived", "fees",
    ]

    private mutating func currency(_ entry: Entry, _ member: String, _ code: String) throws(WorldError) -> Currency {
        if let known = currencies[code] { return known }
        guard Currency.exponents[code] != nil else { throw entry.wrong(member, "is \(code), which is not known") }
        currencies[code] = Currency(code)
        return Currency(code)
    }

    /// Accounts that a payment names must exist, in the currency of their side: money will come back through them.
    private func check(_ payment: Payment, _ entry: Entry) throws(WorldError) {
        if let number = payment.accountNumber, accounts.everKnown(number: number) == nil {
            throw entry.wrong("accountNumber", "is \(number), and there is no such account")
        }
        for (member, legs) in [("origins", payment.originLegs), ("destinations", payment.destinationLegs)] {
            for leg in legs where leg.isAccount {
                guard let account = accounts.everKnown(number: leg.party) else {
                    throw entry.wrong(member, "names account \(leg.party), and there is no such account")
                }
                guard account.currency == leg.amount.currency else {
                    throw entry.wrong(
                        member, "names account \(leg.party) in \(account.currency) for an amount in \(leg.amount.currency)")
                }
            }
            guard legs.count > 1, let first = legs.first else { continue }
            let sum = legs.dropFirst().reduce(first.amount) { $0 + $1.amount }
            let whole = member == "origins" ? payment.purchase ?? payment.total : payment.total
            guard sum == whole else { throw entry.wrong(member, "add up to \(sum), and the payment is \(whole)") }
        }
    }

    private mutating func nodes(_ entry: Entry, _ member: String) throws(WorldError) -> [JSON] {
        let list = try entry.list(member)
        guard list.count == 1, let node = list[0].object, let key = PaymentReader.shortKey(node) else {
            return try list.map { node throws(WorldError) in try complete(node, entry, member) }
        }
        if let known = shared[key] { return known }
        let nodes = [try complete(list[0], entry, member)]
        shared[key] = nodes
        return nodes
    }

    /// The payload member belongs to a node even where a world has nothing to say about it.
    private func complete(_ node: JSON, _ entry: Entry, _ member: String) throws(WorldError) -> JSON {
        guard var object = node.object, let type = object["type"]?.string, let rail = Rail.named(type) else {
            throw entry.wrong(member, "has a node of no known type")
        }
        guard object["currency"]?.string != nil else { throw entry.wrong(member, "has a node without currency") }
        if object[rail.key] == nil, rail.payloadNeedsNothing { object[rail.key] = [:] }
        return .object(object)
    }

    /// What identifies a node that has nothing but a type, a currency and perhaps an account's number.
    private static func shortKey(_ node: JSONObject) -> String? {
        guard let type = node["type"]?.string, let currency = node["currency"]?.string else { return nil }
        if node.count == 2 { return "\(type) \(currency)" }
        guard node.count == 3, let account = node["account"]?.object, account.count == 1,
            let number = account["accountNumber"]?.string
        else { return nil }
        return "\(type) \(currency) \(number)"
    }
}
