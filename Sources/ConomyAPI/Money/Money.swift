/// An exact, unsigned amount of one currency, as the API writes it: decimal text in major units.
///
/// Held as a count of the smallest unit (cents, or the peso of a currency without cents), so no arithmetic is ever rounded.
public struct Money: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let minorUnits: Int128
    public let currency: Currency

    public init(minorUnits: Int128, _ currency: Currency) {
        precondition(minorUnits >= 0, "an amount has no sign")
        self.minorUnits = minorUnits
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency) }

    /// The most that text may say, in the smallest unit. Sums of as many amounts as any list can hold stay far from the end of
    /// the number that keeps them.
    static let most: Int128 = 1_000_000_000_000_000_000_000_000

    /// Reads decimal text such as `150.00`: ASCII digits, at most one dot with digits on both sides, no sign, no separators, no
    /// exponent, no leading zeros, no spaces, and no more decimals than the currency has.
    /// - Throws: `MoneyError`, which says what is wrong with the text.
    public init(_ text: String, _ currency: Currency) throws(MoneyError) {
        let decimal = try DecimalText(text)
        guard decimal.fraction.utf8.count <= currency.exponent else {
            throw MoneyError(
                text: text,
                problem: currency.exponent == 0
                    ? "has decimals, and \(currency.code) has none"
                    : "has \(decimal.fraction.utf8.count) decimals, and \(currency.code) has \(currency.exponent)")
        }
        let padding = String(repeating: "0", count: currency.exponent - decimal.fraction.utf8.count)
        guard let units = Int128(decimal.whole + decimal.fraction + padding), units <= Money.most else {
            throw MoneyError(text: text, problem: "is too large")
        }
        self.init(minorUnits: units, currency)
    }

    /// The amount in major units with all decimals of its currency: `150.00`.
    public var text: String {
        let digits = String(minorUnits)
        let exponent = currency.exponent
        guard exponent > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        return padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }

    /// `150.00 ARS`
    public var description: String { "\(text) \(currency.code)" }

    /// Sums amounts of one currency.
    public static func + (a: Money, b: Money) -> Money {
        precondition(a.currency == b.currency, "amounts of different currencies cannot be added")
        return Money(minorUnits: a.minorUnits + b.minorUnits, a.currency)
    }

    /// What is left of `a` after `b`; nil when `b` is more than `a`.
    public static func - (a: Money, b: Money) -> Money? {
        precondition(a.currency == b.currency, "amounts of different currencies cannot be subtracted")
        return a < b ? nil : Money(minorUnits: a.minorUnits - b.minorUnits, a.currency)
    }

    public static func < (a: Money, b: Money) -> Bool {
        precondition(a.currency == b.currency, "amounts of different currencies cannot be compared")
        return a.minorUnits < b.minorUnits
    }
}

/// Why a text is not an amount.
public struct MoneyError: Error, Sendable, CustomStringConvertible {
    public let text: String
    /// What is wrong, to be read after the text: "has a sign".
    public let problem: String
    public var description: String {
        "\"\(text.prefix(64))\" is not an amount: it \(problem); write digits with a dot before the decimals, such as 1000 or 150.00"
    }
}

/// Decimal text taken apart and checked; knows no currency.
struct DecimalText {
    let whole: Substring
    let fraction: Substring

    init(_ text: String) throws(MoneyError) {
        func wrong(_ problem: String) -> MoneyError { MoneyError(text: text, problem: problem) }
        guard !text.isEmpty else { throw wrong("is empty") }
        guard text.utf8.count <= 39 else { throw wrong("is too long") }
        for character in text.unicodeScalars {
            switch character {
            case "0"..."9", ".": continue
            case "-", "+", "\u{2212}": throw wrong("has a sign")
            case ",", "'", "_": throw wrong("has a separator (\(character))")
            case "e", "E": throw wrong("has an exponent")
            case " ", "\t", "\u{A0}", "\n", "\r": throw wrong("has a space")
            default:
                let isDigit = character.properties.numericType == .decimal
                throw wrong(isDigit ? "has digits of another script" : "has a character that is no digit")
            }
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw wrong("has more than one dot") }
        guard parts.allSatisfy({ !$0.isEmpty }) else { throw wrong("lacks digits before or after the dot") }
        whole = parts[0]
        fraction = parts.count == 2 ? parts[1] : ""
        guard whole == "0" || !whole.hasPrefix("0") else { throw wrong("starts with a zero") }
    }
}
