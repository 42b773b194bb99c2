import ConomyAPI

/// An exact rate between two currencies: how many units of the second one unit of the first is.
struct ExchangeRate: Sendable {
    private let digits: Int128
    private let decimals: Int

    /// Reads decimal text, `945.10`; nil for anything else and for zero.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.count <= 20,
            text.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
            let digits = Int128(parts.joined()), digits > 0
        else { return nil }
        self.digits = digits
        decimals = parts.count == 2 ? parts[1].utf8.count : 0
    }

    /// Rounded half up to the currency's smallest unit.
    func convert(_ money: Money, to currency: Currency) -> Money {
        scaled(money.minorUnits * digits, over: power(decimals), from: money.currency, to: currency)
    }

    func invert(_ money: Money, to currency: Currency) -> Money {
        scaled(money.minorUnits * power(decimals), over: digits, from: money.currency, to: currency)
    }

    private func scaled(_ numerator: Int128, over denominator: Int128, from: Currency, to: Currency) -> Money {
        let numerator = numerator * power(to.exponent)
        let denominator = denominator * power(from.exponent)
        return Money(minorUnits: (2 * numerator + denominator) / (2 * denominator), to)
    }

    private func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { value, _ in value * 10 } }
}
