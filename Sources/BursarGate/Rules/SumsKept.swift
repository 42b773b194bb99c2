public import ConomyAPI

/// Where the effects of a day are summed, what is not recorded does not happen.
public struct SumsKept: Gate.Rule {
    public let environment: String

    public init(in environment: String) { self.environment = environment }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        return Gate.Refusal(
            rule: "sums_kept",
            message:
                "the policy of \(environment) limits what happens in a day, and \(call.operation.name) would not be recorded",
            hint: "do it in a script with bursar run, which keeps a journal")
    }
}
