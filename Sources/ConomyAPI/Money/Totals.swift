/// Sums of money, one a currency.
public struct Totals: Sendable, Equatable {
    private var sums: [Currency: Money] = [:]

    public init() {}

    public mutating func add(_ money: Money) {
        sums[money.currency] = (sums[money.currency] ?? .zero(money.currency)) + money
    }

    public var isEmpty: Bool { sums.isEmpty }

    /// One amount a currency, sorted by code.
    public var amounts: [Money] { sums.values.sorted { $0.currency.code < $1.currency.code } }

    public subscript(currency: Currency) -> Money? { sums[currency] }
}
