public import ConomyAPI

/// Where money is limited, an effect whose amount nobody knows does not happen.
public struct AmountKnown: Gate.Rule {
    public init() {}

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read, (call.moved ?? MoneyMoved.stated(by: call)) == nil else { return nil }
        return Gate.Refusal(
            rule: "amount_unknown",
            message:
                "\(call.operation.name)\(call.objectID.map { " of \($0)" } ?? "") moves money, the policy limits it, and how much it is "
                + "is not known",
            hint: "state the amount with its currency, as money(\"150.00\", \"ARS\")")
    }
}
