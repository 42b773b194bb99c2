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

    /// Rounded half up to the currency's smallest unit; nil where that is more than the bank counts with.
    func convert(_ money: Money, to currency: Currency) -> Money? {
        scaled(money, times: digits, over: power(decimals), to: currency)
    }

    func invert(_ money: Money, to currency: Currency) -> Money? {
        scaled(money, times: power(decimals), over: digits, to: currency)
    }

    private func scaled(_ money: Money, times factor: Int128, over divisor: Int128, to currency: Currency) -> Money? {
        let (product, isTooLarge) = money.minorUnits.multipliedReportingOverflow(by: factor)
        // Room for the decimals of the currencies, and for rounding.
        guard !isTooLarge, product < Int128.max / 4_000_000, divisor < Int128.max / 4_000_000 else { return nil }
        let numerator = product * power(currency.exponent)
        let denominator = divisor * power(money.currency.exponent)
        let units = (2 * numerator + denominator) / (2 * denominator)
        return units <= Bounds.mostUnits ? Money(minorUnits: units, currency) : nil
    }

    private func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { value, _ in value * 10 } }
}
