public import ConomyAPI
public import ExactJSON

/// One movement of money, with both its sides.
public struct LedgerEntry: Sendable, Hashable {
    /// Counts from 1, without gaps.
    public let sequence: Int
    public let time: Timestamp
    public let paymentID: String
    /// Where the money left: an account number, or `external:<rail>` for the world outside (`external:FX` where a payment
    /// changes its currency).
    public let from: String
    /// Where it arrived; same form.
    public let to: String
    public let amount: Money

    public var json: JSON {
        [
            "sequence": .integer(sequence), "time": .string(time.description), "paymentId": .string(paymentID),
            "from": .string(from),
            "to": .string(to), "amount": .string(amount.text), "currency": .string(amount.currency.code),
        ]
    }
}

/// One side of a movement.
struct Leg: Sendable, Hashable {
    /// An account number, or `external:<rail>`.
    let party: String
    var amount: Money

    var isAccount: Bool { !party.hasPrefix("external:") }
}

extension Bank {
    /// Sets money aside: it stays in the balances and can no longer be spent.
    /// - Throws: a refusal when one of the accounts has too little; nothing is held then.
    mutating func hold(_ legs: [Leg]) throws(Refusal) {
        // Two legs may be the same account, so the whole is asked for before anything is taken.
        var needed: [String: Money] = [:]
        for leg in legs where leg.isAccount { needed[leg.party] = (needed[leg.party] ?? .zero(leg.amount.currency)) + leg.amount }
        for (number, amount) in needed {
            guard let account = accounts[number: number] else { throw .notFound("account", number) }
            guard account.currency == amount.currency else {
                throw .state("account \(number) is in \(account.currency), not in \(amount.currency)")
            }
            guard account.available >= amount else {
                throw .state("account \(number) has \(account.available) available, and \(amount) is needed")
            }
        }
        for leg in legs where leg.isAccount { accounts.change(number: leg.party) { $0.spend(available: leg.amount) } }
    }

    /// - Throws: a refusal where money would leave an account that is not ACTIVE.
    func checkActive(_ legs: [Leg]) throws(Refusal) {
        for leg in legs where leg.isAccount {
            guard let account = accounts[number: leg.party], account.status != "ACTIVE" else { continue }
            throw .state("account \(account.number) is \(account.status)")
        }
    }

    mutating func release(_ legs: [Leg]) {
        for leg in legs where leg.isAccount { accounts.change(number: leg.party) { $0.available = $0.available + leg.amount } }
    }

    /// Moves money from one side to the other and writes it down. What leaves an account must have been held.
    mutating func move(_ from: [Leg], to: [Leg], payment: String, at time: Timestamp) {
        for leg in from where leg.isAccount { accounts.change(number: leg.party) { $0.spend(balance: leg.amount) } }
        for leg in to where leg.isAccount {
            accounts.change(number: leg.party) {
                $0.balance = $0.balance + leg.amount
                $0.available = $0.available + leg.amount
            }
        }
        guard let currency = from.first?.amount.currency, currency == to.first?.amount.currency else {
            for leg in from { write(leg.party, "external:FX", leg.amount, payment, time) }
            for leg in to { write("external:FX", leg.party, leg.amount, payment, time) }
            return
        }
        // Both sides add up to the same amount; walk them side by side.
        var (source, target) = (0, 0)
        var (left, room) = (from[0].amount, to[0].amount)
        while source < from.count, target < to.count {
            let part = min(left, room)
            write(from[source].party, to[target].party, part, payment, time)
            left = left - part ?? .zero(currency)
            room = room - part ?? .zero(currency)
            if left.minorUnits == 0 {
                source += 1
                if source < from.count { left = from[source].amount }
            }
            if room.minorUnits == 0 {
                target += 1
                if target < to.count { room = to[target].amount }
            }
        }
    }

    private mutating func write(_ from: String, _ to: String, _ amount: Money, _ payment: String, _ time: Timestamp) {
        // A share of a small refund may round down to nothing, and nothing is no movement.
        guard amount.minorUnits > 0, options.keepsLedger else { return }
        ledger.append(LedgerEntry(sequence: ledger.count + 1, time: time, paymentID: payment, from: from, to: to, amount: amount))
    }
}
