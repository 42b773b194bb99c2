public import ConomyAPI

/// Where the money of a run or a day is limited, a currency without a limit is not moved.
public struct SummedCurrencies: Gate.Rule {
    /// `most_per_run` or `most_per_day`.
    public let name: String
    public let most: MoneyLimits

    public init(_ name: String, _ most: MoneyLimits) {
        self.name = name
        self.most = most
    }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        for amount in call.moved ?? MoneyMoved.stated(by: call) ?? [] where most[amount.currency] == nil {
            return Gate.Refusal(
                rule: name,
                message: "\(call.operation.name) would move \(amount), and \(name) names no amount in \(amount.currency)",
                hint: "name the most in \(amount.currency) in the environment's policy if it is meant")
        }
        return nil
    }
}
