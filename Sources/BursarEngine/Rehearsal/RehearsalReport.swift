public import ConomyAPI
import ExactJSON

/// What a rehearsal found out beside its effects.
public struct RehearsalReport: Sendable {
    /// What an account would have more or less, in the smallest units of its currency.
    public struct BalanceChange: Sendable {
        public let account: String
        public let currency: Currency
        /// Of the balance.
        public let balance: Int128
        /// Of what can be spent.
        public let available: Int128

        /// `-150.00`, `+20.00`.
        static func text(_ units: Int128, _ currency: Currency) -> String {
            let amount = Money(minorUnits: units.magnitude <= UInt128(Int128.max) ? Int128(units.magnitude) : 0, currency).text
            return units < 0 ? "-\(amount)" : units > 0 ? "+\(amount)" : amount
        }

        public var balanceText: String { BalanceChange.text(balance, currency) }
        public var availableText: String { BalanceChange.text(available, currency) }
    }

    /// What could not be known, and for how many effects.
    public let assumptions: [(sentence: String, count: Int)]
    public let balances: [BalanceChange]

    var json: JSON {
        [
            "assumptions": .array(
                assumptions.map { ["assumption": .string($0.sentence), "effects": .integer($0.count)] }),
            "balances": .array(
                balances.map {
                    [
                        "account": .string($0.account), "currency": .string($0.currency.code),
                        "change": .string($0.balanceText), "available_change": .string($0.availableText),
                    ]
                }),
        ]
    }
}
