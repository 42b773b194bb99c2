import ConomyAPI

/// What the bank can count with: sums, shares and conversions of what is within these bounds always fit.
enum Bounds {
    /// Of one amount, in its smallest unit.
    static let mostUnits: Int128 = 1_000_000_000_000_000_000
    /// Of a duration in seconds: a hundred years.
    static let mostSeconds = 3_155_760_000

    /// Why a text is no amount that the bank can count with, as a sentence.
    struct AmountError: Error, CustomStringConvertible {
        let description: String
    }

    static func money(_ text: String, _ currency: Currency) throws(AmountError) -> Money {
        let money: Money
        do { money = try Money(text, currency) } catch { throw AmountError(description: error.description) }
        guard money.minorUnits <= mostUnits else {
            throw AmountError(
                description: "\"\(text)\" is too large an amount; the most is \(Money(minorUnits: mostUnits, currency))")
        }
        return money
    }

    /// A duration as milliseconds; what is out of bounds is as long as can be.
    static func milliseconds(ofSeconds seconds: Int) -> Int64 { Int64(min(max(0, seconds), mostSeconds)) * 1000 }
}
