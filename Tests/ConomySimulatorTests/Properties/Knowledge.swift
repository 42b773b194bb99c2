import ConomyAPI
import ConomySimulator
import ExactJSON

/// What a client has learnt from answers: ids, numbers and states.
struct Knowledge: Sendable {
    struct Payment: Sendable {
        let id: String
        var kind = ""
        var state = ""
        var currency = ""
        var total = ""
        /// The account it belongs to; nil for a deposit that waits.
        var account: String?
        var product = ""
        var externalID = ""
    }

    struct Account: Sendable {
        let id: String
        let number: String
        let owner: String
        let currency: String
    }

    /// A code that a payer was told, and the amount that is waited for.
    struct Code: Sendable {
        let rail: String
        let code: String
        let amount: Money
    }

    private(set) var payments: [Payment] = []
    private var places: [String: Int] = [:]
    private(set) var accounts: [Account] = []
    private(set) var identities: [String] = []
    private(set) var customers: [String] = []
    private(set) var rules: [String] = []
    /// Identity and rule.
    private(set) var feeRules: [(String, String)] = []
    /// Identity and reference.
    private(set) var permissions: [(String, String)] = []
    private(set) var children: [(String, String)] = []
    private(set) var links: [String] = []
    private(set) var tokens: [String] = []
    private(set) var sessions: [String] = []
    private(set) var attempts: [String] = []
    private(set) var codes: [Code] = []

    /// What the owner of a world knows of it.
    init(_ world: World) {
        for identity in world.json["identities"]?.array ?? [] { identities.append(identity["id"]?.string ?? "") }
        for account in world.json["accounts"]?.array ?? [] { learn(account: account) }
        for payment in world.json["payments"]?.array ?? [] { learn(payment: payment) }
    }

    mutating func learn(_ step: Step, _ outcome: Outcome) {
        guard case .call(let call) = step else {
            if case .deposit(_, let amount, _, _, let reference) = step, let id = outcome.payment, places[id] == nil {
                var payment = Payment(id: id, kind: "LOCAL_DEPOSIT", state: "CREATED", total: amount.text)
                payment.currency = amount.currency.code
                payment.product = "\(amount.currency):\(amount.currency)"
                payment.externalID = reference ?? ""
                put(payment)
            }
            return
        }
        guard let answer = outcome.answer, answer.isSuccess else { return }
        let body = answer.body ?? .null
        let page = body["results"]?.array ?? body["data"]?.array ?? body["pagination"]?["results"]?.array
        let path = call.operation.pathParameters.map { call.pathParameters[$0.name] ?? "" }
        switch call.operation.name {
        case "payments.list", "refunds.list": for payment in page ?? [] { learn(payment: payment) }
        case "payments.refund":
            put(Payment(id: body["refundId"]?.string ?? "", kind: "REFUND", state: "RECEIVED"))
        case "payments.assign":
            settle(path[0], account: body["accountNumber"]?.string)
            if let id = body["relatedPaymentId"]?.string { put(Payment(id: id, kind: "LOCAL_DEPOSIT", state: "ATTEMPT")) }
        case "payments.request_review", "payments.resolve_review", "payments.mark_unsettled":
            if let place = places[path[0]] { payments[place].state = body["status"]?.string ?? "" }
        case "payments.create", "payments.get", "payments.capture", "payments.authorize", "payments.simulate_received",
            "checkout_sessions.pay":
            learn(payment: body)
            learn(codesOf: body)
        case "payment_attempts.create":
            attempts.append(body["id"]?.string ?? "")
            learn(codesOf: body)
        case "accounts.create": learn(account: body)
        case "accounts.delete": accounts.removeAll { $0.id == path[0] || $0.number == path[0] }
        case "identities.create": identities.append(body["id"]?.string ?? "")
        case "identities.delete": identities.removeAll { $0 == path[0] }
        case "identities.add_fee": if let id = body["rules"]?.array?.last?["id"]?.string { feeRules.append((path[0], id)) }
        case "identities.add_children":
            for child in call.body?["children"]?.array ?? [] { children.append((path[0], child.string ?? "")) }
        case "identities.add_permissions":
            for scope in call.body?.array ?? [] { permissions.append((path[0], scope["reference"]?.string ?? "")) }
        case "customers.create": customers.append(body["id"]?.string ?? "")
        case "customers.delete": customers.removeAll { $0 == path[0] }
        case "customers.list":
            for customer in page ?? [] { if let id = customer["id"]?.string, !customers.contains(id) { customers.append(id) } }
        case "rules.create": rules.append(body["id"]?.string ?? "")
        case "payment_links.create":
            links.append(body["id"]?.string ?? "")
            tokens.append(body["checkoutToken"]?.string ?? "")
        case "checkout_sessions.create", "payment_links.open_session":
            sessions.append(body["id"]?.string ?? "")
            if let token = body["checkoutToken"]?.string, !tokens.contains(token) { tokens.append(token) }
        default: break
        }
    }

    private mutating func put(_ payment: Payment) {
        if let place = places[payment.id] {
            payments[place] = payment
        } else {
            places[payment.id] = payments.count
            payments.append(payment)
        }
    }

    private mutating func settle(_ id: String, account: String?) {
        guard let place = places[id] else { return }
        payments[place].state = "SETTLED"
        payments[place].account = account
    }

    private mutating func learn(payment json: JSON) {
        guard let id = json["id"]?.string else { return }
        put(
            Payment(
                id: id, kind: json["type"]?.string ?? "", state: json["status"]?.string ?? "",
                currency: json["currency"]?.string ?? "", total: json["totalAmount"]?.string ?? "",
                account: json["accountNumber"]?.string, product: json["product"]?.string ?? "",
                externalID: json["externalId"]?.string ?? ""))
    }

    private mutating func learn(account json: JSON) {
        accounts.append(
            Account(
                id: json["id"]?.string ?? "", number: json["accountNumber"]?.string ?? "",
                owner: json["identityId"]?.string ?? "", currency: json["currency"]?.string ?? ""))
    }

    private mutating func learn(codesOf json: JSON) {
        guard let node = json["origins"]?.array?.first, let code = node["cvu"]?["code"]?.string,
            let amount = try? Money(json["totalAmount"]?.string ?? "", Currency(json["currency"]?.string ?? ""))
        else { return }
        codes.append(Code(rail: node["type"]?.string ?? "", code: code, amount: amount))
    }
}
