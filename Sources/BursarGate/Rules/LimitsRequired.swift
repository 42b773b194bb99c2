public import ConomyAPI

/// Where limits are asked for, nothing happens until somebody has named them.
public struct LimitsRequired: Gate.Rule {
    public static let name = "limits_required"
    public let environment: String
    /// The keys that are missing.
    public let missing: [String]

    /// Nil where nothing is missing.
    public init?(_ policy: Policy, in environment: String) {
        guard policy.requiresLimits else { return nil }
        missing =
            (policy.mostPerEffect == nil ? ["most_per_effect"] : []) + (policy.mostPerDay == nil ? ["most_per_day"] : [])
        guard !missing.isEmpty else { return nil }
        self.environment = environment
    }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        return Gate.Refusal(
            rule: LimitsRequired.name,
            message:
                "the policy of \(environment) names no \(missing.joined(separator: " and no ")), and \(call.operation.name) needs "
                + "them there",
            hint:
                "write them under policy: of \(environment) in bursar.yaml, such as most_per_day: {ARS: \"100000.00\"}; limits: none does "
                + "without")
    }
}
