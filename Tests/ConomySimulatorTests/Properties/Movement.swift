import ConomyAPI
import ConomySimulator
import ExactJSON

/// An entry of the ledger, from the bank's hands or from a snapshot.
struct Movement: Sendable, Equatable {
    let sequence: Int
    let time: Timestamp
    let payment: String
    let from: String
    let to: String
    let amount: Money

    init(_ entry: LedgerEntry) {
        (sequence, time, payment) = (entry.sequence, entry.time, entry.paymentID)
        (from, to, amount) = (entry.from, entry.to, entry.amount)
    }

    /// Nil where a member is missing.
    init?(_ json: JSON) {
        guard let sequence = json["sequence"]?.integer, let time = json["time"]?.string.flatMap({ Timestamp($0) }),
            let payment = json["paymentId"]?.string, let from = json["from"]?.string, let to = json["to"]?.string,
            let currency = json["currency"]?.string, let amount = try? Money(json["amount"]?.string ?? "", Currency(currency))
        else { return nil }
        (self.sequence, self.time, self.payment) = (sequence, time, payment)
        (self.from, self.to, self.amount) = (from, to, amount)
    }
}
