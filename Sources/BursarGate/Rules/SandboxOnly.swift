public import ConomyAPI

/// Some operations exist in the vendor's sandbox only; in production the provider does that step.
public struct SandboxOnly: Gate.Rule {
    public init() {}

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.isSandboxOnly else { return nil }
        return Gate.Refusal(
            rule: "sandbox_only",
            message: "\(call.operation.name) does not exist in production: the payment provider does that step there",
            hint: "use await(payment, \"SETTLED\") to wait for it")
    }
}
