/// A decimal number without sign, exactly: `945.10` is 94510 with two decimals.
struct ExactDecimal: Sendable, Hashable {
    let digits: Int128
    let decimals: Int

    /// Reads up to 12 digits with at most one dot between them; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            text.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
            parts.reduce(0, { $0 + $1.utf8.count }) <= 12, let digits = Int128(parts.joined())
        else { return nil }
        self.digits = digits
        decimals = parts.count == 2 ? parts[1].utf8.count : 0
    }

    /// Ten to the power of `exponent`.
    static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { value, _ in value * 10 } }

    /// `numerator` over `denominator`, rounded half up.
    static func rounded(_ numerator: Int128, over denominator: Int128) -> Int128 {
        (2 * numerator + denominator) / (2 * denominator)
    }
}
