import ConomyAPI

/// An exact rate between two currencies: how many units of the second one unit of the first is.
struct ExchangeRate: Sendable {
    private let rate: ExactDecimal

    /// Reads decimal text, `945.10`; nil for anything else and for zero.
    init?(_ text: String) {
        guard let rate = ExactDecimal(text), rate.digits > 0 else { return nil }
        self.rate = rate
    }

    /// Rounded half up to the currency's smallest unit.
    func convert(_ money: Money, to currency: Currency) -> Money {
        scaled(money.minorUnits * rate.digits, over: ExactDecimal.power(rate.decimals), from: money.currency, to: currency)
    }

    func invert(_ money: Money, to currency: Currency) -> Money {
        scaled(money.minorUnits * ExactDecimal.power(rate.decimals), over: rate.digits, from: money.currency, to: currency)
    }

    // An amount has at most 18 digits and a rate 12, so nothing here overflows.
    private func scaled(_ numerator: Int128, over denominator: Int128, from: Currency, to: Currency) -> Money {
        let numerator = numerator * ExactDecimal.power(to.exponent)
        let denominator = denominator * ExactDecimal.power(from.exponent)
        return Money(minorUnits: ExactDecimal.rounded(numerator, over: denominator), to)
    }
}

extension Money {
    /// The most that one amount may be here: a million million. It keeps sums, rates and fees far from the end of their numbers.
    static func most(_ currency: Currency) -> Money { Money(minorUnits: 1_000_000_000_000 * Money.unit(currency), currency) }
}
