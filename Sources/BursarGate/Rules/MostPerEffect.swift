public import ConomyAPI

/// The most money that one effect may move.
public struct MostPerEffect: Gate.Rule {
    public let most: MoneyLimits

    public init(_ most: MoneyLimits) { self.most = most }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        for amount in call.moved ?? MoneyMoved.stated(by: call) ?? [] {
            guard let limit = most[amount.currency] else {
                return Gate.Refusal(
                    rule: "most_per_effect",
                    message:
                        "\(call.operation.name) would move \(amount), and most_per_effect names no amount in \(amount.currency)",
                    hint: "name the most in \(amount.currency) in the environment's policy if it is meant")
            }
            if amount > limit {
                return Gate.Refusal(
                    rule: "most_per_effect",
                    message: "\(call.operation.name) would move \(amount), and the most for one effect is \(limit)",
                    hint: "divide it, or raise most_per_effect in the environment's policy")
            }
        }
        return nil
    }
}
