import ConomyAPI
import ExactJSON

extension Bank {
    /// Compares a batch of external transactions with the CAPTURED payments of the last 24 hours, and says what does not fit.
    /// Payments turn FAILED only where the options ask for it.
    mutating func reconcileTransactions(_ call: Call) throws(Refusal) -> Answer {
        let batch = call.body?["transactions"]?.array ?? []
        var issues: [JSON] = []
        var confirmed: Set<Int> = []
        var failing: [Int] = []
        for transaction in batch {
            let id = transaction["id"]?.string ?? ""
            guard let position = payments.position(id) else {
                issues.append(.string("transaction \(id) is not known"))
                continue
            }
            let payment = payments[position]
            confirmed.insert(position)
            var problem: String?
            if payment.total.currency.code != transaction["currency"]?.string {
                problem = "currency is \(transaction["currency"]?.string ?? ""), and the payment is in \(payment.total.currency)"
            } else if let text = transaction["totalAmount"]?.string, (try? Money(text, payment.total.currency)) != payment.total {
                problem = "totalAmount is \(text), and the payment is \(payment.total.text)"
            } else if let product = payment.product, transaction["product"]?.string != product {
                problem = "product is \(transaction["product"]?.string ?? ""), and the payment has \(product)"
            } else if transaction["type"]?.string != payment.kind.rawValue {
                problem = "type is \(transaction["type"]?.string ?? ""), and the payment is \(payment.kind.rawValue)"
            } else if payment.state != .captured {
                problem = "the payment is \(payment.state.rawValue), not CAPTURED"
            }
            guard let problem else { continue }
            issues.append(.string("transaction \(id): \(problem)"))
            if payment.state == .captured { failing.append(position) }
        }
        let start = now.adding(milliseconds: -86_400_000)
        for position in payments.candidates([.state(.captured)], DaySpan(from: start)).positions
        where !confirmed.contains(position) {
            issues.append(.string("payment \(payments[position].id) is CAPTURED and not in the batch"))
            failing.append(position)
        }
        if options.settlementFailsMissing {
            for position in failing where !payments[position].kind.isInternal { end(position, .failed) }
        }
        return Answer(status: 200, body: .array(issues))
    }
}
