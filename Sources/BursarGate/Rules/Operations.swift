public import ConomyAPI

/// Which operations may happen in an environment.
public struct Operations: Gate.Rule {
    /// Patterns of effects that may happen; nil allows all.
    public let allowed: [String]?
    /// Patterns of operations that may not happen, reads among them.
    public let forbidden: [String]

    public init(allowed: [String]?, forbidden: [String]) {
        self.allowed = allowed
        self.forbidden = forbidden
    }

    public func refusal(of call: Call) -> Gate.Refusal? {
        let name = call.operation.name
        if let pattern = forbidden.first(where: { DeclaredEffects.pattern($0, covers: name) }) {
            return Gate.Refusal(
                rule: "operations", message: "the policy forbids \(pattern)\(pattern == name ? "" : ", and with it \(name)")",
                hint: "operations: forbid in the environment's policy names it")
        }
        guard let allowed, call.operation.effect > .read, !allowed.contains(where: { DeclaredEffects.pattern($0, covers: name) })
        else { return nil }
        return Gate.Refusal(
            rule: "operations",
            message:
                "the policy allows \(allowed.isEmpty ? "no effects" : "the effects \(allowed.joined(separator: ", "))"), and \(name) "
                + "is none of them",
            hint: "add \(name) to operations: allow in the environment's policy if it is meant")
    }
}
