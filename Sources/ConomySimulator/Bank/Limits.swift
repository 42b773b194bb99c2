import ConomyAPI
import ExactJSON

/// What customers may move: nothing while they are INACTIVE, and otherwise what the settings grant their level.
extension Bank {
    /// - Throws: a refusal where the customer is blocked, or the amount is more than the level's limits leave.
    func checkCustomer(_ id: String?, _ amount: Money) throws(Refusal) {
        guard let customer = id.flatMap({ customers[$0] }) else { return }
        try checkActive(customer)
        guard let limit = options.tierLimits[customer.level]?[amount.currency.code] else { return }
        if let single = limit.single.flatMap({ try? Money($0, amount.currency) }), amount > single {
            throw .state("customer \(customer.id) is \(customer.level) and may move \(single) at once; this is \(amount)")
        }
        for window in limit.windows {
            guard let most = try? Money(window.amount, amount.currency) else { continue }
            let used = moved(by: customer.id, amount.currency, hours: window.hours)
            guard used + amount <= most else {
                throw .state(
                    "customer \(customer.id) is \(customer.level) and may move \(most) in \(window.hours) hours; \(used) is used, and this is \(amount)"
                )
            }
        }
    }

    func checkActive(_ customer: Customer?) throws(Refusal) {
        guard let customer, customer.level == "INACTIVE" else { return }
        throw .state("customer \(customer.id) is INACTIVE; nothing moves until that level is changed")
    }

    /// Its payments of the last hours that have not failed, without refunds.
    private func moved(by customerID: String, _ currency: Currency, hours: Int) -> Money {
        let start = now.adding(milliseconds: 1 - Int64(hours) * 3_600_000)
        return payments.candidates([.customer(customerID)], DaySpan(from: start)).positions.reduce(.zero(currency)) {
            sum, position in
            let payment = payments[position]
            let counts = payment.kind != .refund && payment.total.currency == currency && !payment.state.hasFailed
            return counts ? sum + payment.total : sum
        }
    }

    /// The limits of a customer's level and how much of them is used, as the customer's `limits`; nil where there is none. The
    /// documents announce the member without a shape.
    func limits(_ customer: Customer) -> JSON? {
        guard let limits = options.tierLimits[customer.level], !limits.isEmpty else { return nil }
        var object = JSONObject()
        for (code, limit) in limits.sorted(by: { $0.key < $1.key }) {
            var entry = JSONObject()
            entry["single"] = limit.single.map(JSON.string)
            entry["windows"] = .array(
                limit.windows.map { window in
                    let used = moved(by: customer.id, Currency(code), hours: window.hours)
                    return ["hours": .integer(window.hours), "amount": .string(window.amount), "used": .string(used.text)]
                })
            object[code] = .object(entry)
        }
        return .object(object)
    }

    /// The least that a rail carries of a currency, where the settings have one.
    func minimum(_ rail: String, _ currency: Currency) -> Money? {
        options.amount(options.minimums, "\(rail):\(currency)", currency)
    }

    /// - Throws: a refusal for a node outside the bank that carries less than its rail does.
    func checkMinimum(_ nodes: [JSON], _ name: String, whole: Money) throws(Refusal) {
        guard !options.minimums.isEmpty else { return }
        for (index, node) in nodes.enumerated() {
            let rail = node["type"]?.string ?? ""
            let amount = node["amount"]?.string.flatMap { try? Money($0, whole.currency) } ?? whole
            guard let least = minimum(rail, whole.currency), amount < least else { continue }
            throw .state("\(name)[\(index + 1)] carries \(amount), and the least on \(rail) is \(least)")
        }
    }
}
