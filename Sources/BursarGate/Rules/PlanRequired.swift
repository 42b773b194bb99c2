public import ConomyAPI

/// Where a plan is asked for, effects happen under one only.
public struct PlanRequired: Gate.Rule {
    public static let name = "plan_required"
    public let environment: String

    public init(in environment: String) { self.environment = environment }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        return Gate.Refusal(
            rule: PlanRequired.name,
            message: "\(call.operation.name) would change something in \(environment), where the policy asks for a plan",
            hint: "make one with bursar plan SCRIPT ... -o FILE, and perform it with bursar apply FILE")
    }
}
