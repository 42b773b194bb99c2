import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing

/// Makes random steps: calls of every operation, mostly of those that move money, most of them legal as far as the answers so
/// far have told; moves of the clock, deposits and failing rails.
struct CallGenerator: Sendable {
    var random: FuzzRandom
    private(set) var known: Knowledge
    /// Part of what this client names, so that two clients of one bank do not name the same.
    let name: String
    /// False where all calls fit the contract.
    var spoils = true
    private var made = 0

    init(seed: UInt64, world: World, name: String = "") {
        random = FuzzRandom(seed: seed)
        known = Knowledge(world)
        self.name = name
    }

    mutating func next() -> Step {
        switch random.number(1...100) {
        case ...5: return .advance(seconds: one(of: [1, 20, 20, 50, 100, 1000, 3600, 50_000, 180_000]))
        case ...13: return deposit()
        case ...17: return .fail(payment: payment())
        default: break
        }
        let call = call(random.one(of: CallGenerator.urn))
        return .call(random.once(in: 5) && spoils ? spoiled(call) : call)
    }

    mutating func learn(_ step: Step, _ outcome: Outcome) { known.learn(step, outcome) }

    /// How often an operation is called, for one call of any other.
    private static let weights = [
        "payments.create": 30, "payments.capture": 16, "payments.simulate_received": 14, "payments.refund": 14,
        "payments.authorize": 5, "payments.request_review": 4, "payments.resolve_review": 6, "payments.mark_unsettled": 3,
        "payments.assign": 7, "payments.get": 5, "payments.list": 4, "payments.refund_summary": 3, "refunds.list": 3,
        "payment_links.create": 4, "payment_links.open_session": 4, "checkout_sessions.create": 3, "checkout_sessions.pay": 6,
        "payment_attempts.create": 4, "accounts.create": 3, "accounts.update": 2, "accounts.delete": 2, "identities.create": 2,
        "customers.create": 2, "rules.create": 3, "rules.get": 2, "identities.add_children": 3, "identities.remove_children": 3,
    ]
    private static let urn = Catalogue.conomy.operations.flatMap { operation in
        Array(repeating: operation, count: weights[operation.name] ?? 1)
    }

    // MARK: Choices

    mutating func one<Item>(of list: [Item]) -> Item { random.one(of: list) }

    mutating func one<Item>(of list: [Item], or other: Item) -> Item {
        list.isEmpty ? other : random.one(of: list)
    }

    mutating func serial() -> String {
        made += 1
        return "\(name)\(made)"
    }

    /// An amount in minor units: mostly small, seldom the smallest, seldom more than anybody has.
    mutating func units(_ currency: Currency) -> Int128 {
        switch random.number(1...40) {
        case 1, 2: 1
        case 3: 2_000_000_000
        case 4...7: Int128(random.number(9_000...60_000))
        default: Int128(random.number(1...(currency.exponent == 6 ? 900_000 : 9_000)))
        }
    }

    mutating func amount(_ currency: String) -> String {
        let currency = Currency(currency)
        return text(Money(minorUnits: units(currency), currency))
    }

    /// Decimals that say nothing may be left out.
    mutating func text(_ money: Money) -> String {
        let text = money.text
        guard text.contains("."), random.once(in: 3) else { return text }
        let short = String(text.reversed().drop { $0 == "0" }.reversed())
        return short.hasSuffix(".") ? String(short.dropLast()) : short
    }

    /// The id of a payment, mostly of late and in one of these states.
    mutating func payment(_ states: String..., kinds: [String] = [], waiting: Bool = false) -> String {
        let fitting = known.payments.filter {
            states.contains($0.state) && (kinds.isEmpty || kinds.contains($0.kind))
                && waiting == ($0.kind == "LOCAL_DEPOSIT" && $0.account == nil)
        }
        let some = fitting.isEmpty || random.once(in: 8) ? known.payments : fitting
        return one(of: random.once(in: 4) ? some : some.suffix(5)).id
    }

    mutating func account(_ currency: String? = nil, owner: String? = nil) -> Knowledge.Account {
        let fitting = known.accounts.filter {
            (currency == nil || $0.currency == currency) && (owner == nil || $0.owner == owner)
        }
        return one(of: fitting, or: known.accounts[0])
    }

    private mutating func deposit() -> Step {
        let waited = known.codes.suffix(4)
        if !waited.isEmpty, random.once(in: 2) {
            let code = one(of: Array(waited))
            // Sometimes the payer sends another amount.
            let amount = random.once(in: 5) ? code.amount + Money(minorUnits: 1, code.amount.currency) : code.amount
            return .deposit(rail: code.rail, amount: amount, code: code.code, originator: nil, reference: nil)
        }
        let (rail, code) = one(of: [("CVU", "ARS"), ("CVU", "ARS"), ("PIX", "BRL"), ("PIX", "USD"), ("SEPA", "EUR")])
        let currency = Currency(code)
        let person: JSON = [
            "firstName": "Eva", "lastName": "Sosa", "documentNumber": .string("\(random.number(1...3))\(name)"),
            "documentType": "DNI",
        ]
        return .deposit(
            rail: rail, amount: Money(minorUnits: units(currency), currency), code: random.once(in: 9) ? "nobody's" : nil,
            originator: random.once(in: 3) ? nil : person, reference: random.once(in: 3) ? nil : "\(rail):\(serial())")
    }
}
