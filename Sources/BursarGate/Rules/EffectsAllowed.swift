public import ConomyAPI

/// An environment whose configuration does not allow effects is for reading and rehearsing.
public struct EffectsAllowed: Gate.Rule {
    public let environment: String

    public init(in environment: String) { self.environment = environment }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        return Gate.Refusal(
            rule: "effects_not_allowed",
            message: "\(call.operation.name) would change something in \(environment), where effects are not allowed",
            hint: "rehearse with --dry-run, or write a policy for \(environment) in bursar.yaml, or set allow_effects: true")
    }
}
