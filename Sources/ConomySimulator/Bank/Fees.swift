import ConomyAPI
import ExactJSON

/// A fee that was taken from a payment, in the currency it was paid in.
struct FeeCharge: Sendable {
    let name: String
    let type: String
    let value: String
    let amount: Money

    var json: JSON {
        [
            "name": .string(name), "type": .string(type), "value": .string(value), "amount": .string(amount.text),
            "currency": .string(amount.currency.code),
        ]
    }
}

/// One fee as a rule states it.
struct FeeTerm: Sendable {
    let name: String
    /// PERCENTAGE or FIXED.
    let type: String
    let text: String
    let value: ExactDecimal

    var isPercentage: Bool { type == "PERCENTAGE" }

    /// Of a rule of `/rules`. Such a fixed fee names no currency: it counts units of the payment's.
    init?(rule: JSONObject) {
        let body = rule["feeRule"]
        self.init(
            name: body?["description"]?.string ?? "Fee", type: (body?["feeType"] ?? body?["type"])?.string, body?["value"]?.string
        )
    }

    /// Of a fee rule kept on an identity. A fixed fee is taken from payments in its own currency only: currencies never mix.
    init?(identityRule rule: JSONObject, _ currency: Currency) {
        if rule["type"] == "FIXED", rule["currency"]?.string != currency.code { return nil }
        self.init(
            name: (rule["name"] ?? rule["description"])?.string ?? "Fee", type: rule["type"]?.string, rule["amount"]?.string)
    }

    private init?(name: String, type: String?, _ text: String?) {
        guard let type, let text, let value = ExactDecimal(text) else { return nil }
        (self.name, self.type, self.text, self.value) = (name, type, text, value)
    }

    /// Checks the value of a new rule.
    static func value(_ text: String, _ type: String, _ field: String) throws(Refusal) -> ExactDecimal {
        guard let value = ExactDecimal(text), value.decimals <= 6 else {
            throw .invalid("\(field) is \"\(text.prefix(64))\"; write a decimal number with at most 6 decimals, such as 1.50")
        }
        guard type != "PERCENTAGE" || value.digits < 100 * ExactDecimal.power(value.decimals) else {
            throw .invalid("\(field) is \(text) percent, and a fee leaves something of the payment")
        }
        return value
    }
}

/// All fees of a payment. The percentages are taken from what is sent (the purchase amount), together rounded half up to the
/// currency's smallest unit; each fee's part of that is cut so that the parts add up.
struct FeeSchedule: Sendable {
    let terms: [FeeTerm]

    var isEmpty: Bool { terms.isEmpty }

    /// Percentages count in hundred-millionths: two decimals for the percent, six for its own.
    private static let scale: Int128 = 100_000_000

    private func share(of amount: Money, _ percentage: Int128) -> Money {
        Money(minorUnits: ExactDecimal.rounded(amount.minorUnits * percentage, over: FeeSchedule.scale), amount.currency)
    }

    private func percentage(_ term: FeeTerm) -> Int128 {
        term.isPercentage ? term.value.digits * ExactDecimal.power(max(0, 6 - term.value.decimals)) : 0
    }

    private func fixed(_ term: FeeTerm, _ currency: Currency) -> Money {
        guard !term.isPercentage else { return .zero(currency) }
        let units = ExactDecimal.rounded(
            term.value.digits * ExactDecimal.power(currency.exponent), over: ExactDecimal.power(term.value.decimals))
        return Money(minorUnits: units, currency)
    }

    func charges(on purchase: Money) -> [FeeCharge] {
        var sum: Int128 = 0
        return terms.map { term in
            let before = share(of: purchase, sum)
            sum += percentage(term)
            let part = share(of: purchase, sum) - before ?? .zero(purchase.currency)
            return FeeCharge(
                name: term.name, type: term.type, value: term.text,
                amount: term.isPercentage ? part : fixed(term, purchase.currency))
        }
    }

    /// What is left of a purchase amount; nil when the fees are more.
    func net(of purchase: Money) -> Money? {
        charges(on: purchase).reduce(purchase) { (left: Money?, charge) in left.flatMap { $0 - charge.amount } }
    }

    /// The smallest purchase amount that leaves `net`; nil when no amount does. What is left grows by at most one smallest unit
    /// with each that is added, so every net has its purchase.
    func purchase(leaving net: Money) -> Money? {
        guard !isEmpty else { return net }
        let percentage = terms.reduce(0) { $0 + self.percentage($1) }
        guard percentage < FeeSchedule.scale else { return nil }
        let fixed = terms.reduce(Money.zero(net.currency)) { $0 + self.fixed($1, net.currency) }
        var low = net.minorUnits
        var high = (net + fixed).minorUnits * FeeSchedule.scale / (FeeSchedule.scale - percentage) + 2
        while low < high {
            let middle = (low + high) / 2
            let left = self.net(of: Money(minorUnits: middle, net.currency))
            if let left, left >= net { high = middle } else { low = middle + 1 }
        }
        return Money(minorUnits: low, net.currency)
    }
}

extension Bank {
    /// The account that collects the fees of a currency. The platform makes it when the first fee is taken; it belongs to the
    /// identity at the top of the tree of whoever pays it.
    mutating func feeAccount(_ currency: Currency, for identityID: String?) -> String? {
        if let known = feeAccounts[currency.code] { return known }
        guard var owner = identityID.flatMap({ identities[$0] }) ?? identities.all.first(where: { _ in true }) else { return nil }
        var seen: Set<String> = [owner.id]
        while let parent = parents(of: owner.id).first.flatMap({ identities[$0] }), seen.insert(parent.id).inserted {
            owner = parent
        }
        let account = Account(
            id: newID(), number: newAccountNumber(), identityID: owner.id, externalID: nil, type: "FEE", custody: "BANK_ACCOUNT",
            currency: currency, name: "Fees \(currency)", holder: owner.fullName, status: "ACTIVE", parentID: nil,
            custodyBankAccount: nil, balance: .zero(currency), available: .zero(currency), createdAt: now, updatedAt: now)
        add(account)
        return account.number
    }

    /// Books the fees of a payment that settles. They are taken once; no refund gives them back.
    mutating func takeFees(_ position: Int) {
        let payment = payments[position]
        let (_, fees) = payment.legsOut
        guard let currency = fees.first?.amount.currency, let number = feeAccount(currency, for: payment.identityID) else {
            return
        }
        // A payment the world opened with may not hold them; what is not there cannot be taken.
        if payment.holds.isEmpty, (try? hold(fees)) == nil { return }
        let total = fees.reduce(Money.zero(currency)) { $0 + $1.amount }
        move(fees, to: [Leg(party: number, amount: total)], payment: payment.id, at: now)
        payments.change(position) { $0.holds = [] }
    }
}
