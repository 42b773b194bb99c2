public import ConomyAPI
import ExactJSON

/// How much money a call would move.
public enum MoneyMoved {
    /// True when the operation moves money at all.
    public static func moves(_ operation: Operation) -> Bool {
        !operation.amountFields.isEmpty || operation.answerAmountField != nil
    }

    /// What the request says: one amount a currency, the largest where it says several (an amount, and what its parts add up to).
    ///
    /// - Parameter currency: of amounts that stand there without one.
    /// - Returns: nil when the request does not say it, or not all of it; empty when the operation moves none.
    public static func stated(by call: Call, bareAmountsIn currency: Currency? = nil) -> [Money]? {
        guard moves(call.operation) else { return [] }
        var most: [Currency: Money] = [:]
        func note(_ money: Money) { most[money.currency] = max(most[money.currency] ?? money, money) }
        for field in call.operation.amountFields where call.body?[field] != nil {
            guard let money = amount(field, field, of: call.body, call, currency) else { return nil }
            note(money)
        }
        for side in ["origins", "destinations"] {
            var sums = Totals()
            for (index, node) in (call.body?[side]?.array ?? []).enumerated() {
                for field in ["amount", "amountOut"] where node[field] != nil {
                    guard let money = amount(field, "\(side)[\(index + 1)].\(field)", of: node, call, currency) else {
                        return nil
                    }
                    sums.add(money)
                    break
                }
            }
            for sum in sums.amounts { note(sum) }
        }
        return most.isEmpty ? nil : most.values.sorted { $0.currency.code < $1.currency.code }
    }

    private static func amount(_ field: String, _ path: String, of object: JSON?, _ call: Call, _ bare: Currency?) -> Money? {
        if let money = call.money[path] { return money }
        guard let text = object?[field]?.string else { return nil }
        let currency = (object?[currencyField(of: field)] ?? object?["currency"])?.string.map { Currency($0) } ?? bare
        return currency.flatMap { try? Money(text, $0) }
    }
}
