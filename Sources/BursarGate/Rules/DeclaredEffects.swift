public import ConomyAPI

/// A script that says in `job { effects = {...} }` what it may do, may do nothing else.
public struct DeclaredEffects: Gate.Rule {
    /// Operation names; `payments.*` stands for all of a resource.
    public let patterns: [String]

    public init(_ patterns: [String]) { self.patterns = patterns }

    public func refusal(of call: Call) -> Gate.Refusal? {
        let operation = call.operation
        guard operation.effect > .read, !patterns.contains(where: { DeclaredEffects.pattern($0, covers: operation.name) }) else {
            return nil
        }
        let declared = patterns.isEmpty ? "no effects" : "only \(patterns.joined(separator: ", "))"
        return Gate.Refusal(
            rule: "declared_effects",
            message: "\(operation.name) is a \(operation.effect.rawValue) operation, and the script's job declares \(declared)",
            hint: "add \"\(operation.name)\" to the job's effects if it is meant")
    }

    /// `payments.*` covers `payments.refund`; any other pattern covers its own name.
    public static func pattern(_ pattern: String, covers name: String) -> Bool {
        pattern.hasSuffix(".*") ? name.hasPrefix(pattern.dropLast()) : pattern == name
    }
}
