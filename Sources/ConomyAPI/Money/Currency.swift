/// A currency by its code, with the number of decimals its amounts may have.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    public let code: String
    public var description: String { code }

    /// Any non-empty code is accepted: the contract's list is open.
    public init(_ code: String) { self.code = code }

    /// Decimals of an amount. The public documents give none: no decimals for CLP and PYG, six for the two stable coins, two
    /// for everything else.
    public var exponent: Int { Currency.exponents[code] ?? Currency.defaultExponent }

    public static let defaultExponent = 2

    /// The codes the contract names, with their exponents.
    public static let exponents: [String: Int] = {
        let irregular = ["CLP": 0, "PYG": 0, "USDC": 6, "USDT": 6]
        let known = Schemas.named("CurrencyCode").knownValues
        return Dictionary(known.map { ($0, irregular[$0] ?? defaultExponent) }, uniquingKeysWith: { first, _ in first })
    }()
}
