import BursarGate

/// Makes production hard to hit by accident: before the first effect it shows where it is about to happen, and has a person who sits at
/// a terminal type the account's name.
public struct ProductionGuard: Sendable {
    public let target: TargetEnvironment
    /// The last characters of the client id; nil where nothing is known of it.
    public let clientIDEnd: String?
    /// The run performs a plan that was approved.
    public let hasApprovedPlan: Bool

    public init(_ target: TargetEnvironment, clientIDEnd: String?, hasApprovedPlan: Bool = false) {
        self.target = target
        self.clientIDEnd = clientIDEnd
        self.hasApprovedPlan = hasApprovedPlan
    }

    /// What has to be typed.
    public var name: String { target.account ?? target.name }

    /// - Parameters:
    ///   - show: tells people something.
    ///   - read: has a person type a line, nil for its end; nil where nobody sits at a terminal.
    /// - Returns: nil for an environment that is not production.
    public func consent(show: @escaping @Sendable (String) -> Void, read: (@Sendable (_ prompt: String) async -> String?)?)
        -> Consent?
    {
        guard target.isProduction else { return nil }
        let guarded = self
        return Consent {
            show(guarded.card)
            guard let read else { return guarded.refusalUnattended }
            let typed = await read("Type \(guarded.name) to let it happen: ")
            guard typed != guarded.name else { return nil }
            return Gate.Refusal(
                rule: "not_confirmed",
                message: "\"\(typed ?? "")\" is not \(guarded.name), so nothing happens in \(guarded.target.name)",
                hint: "rehearse with --dry-run, or run it again and type the name")
        }
    }

    private var refusalUnattended: Gate.Refusal? {
        guard !hasApprovedPlan, !target.policy.isUnattended else { return nil }
        return Gate.Refusal(
            rule: "unattended", message: "nobody sits at a terminal to confirm effects in \(target.name)",
            hint:
                "perform an approved plan with bursar apply, run it at a terminal, or set unattended: true in the policy of \(target.name)"
        )
    }

    /// Environment, account, credentials, limits.
    public var card: String {
        var lines = ["PRODUCTION: effects are about to happen in \(target.name)"]
        func add(_ name: String, _ value: String) {
            lines.append("  " + name + String(repeating: " ", count: 13 - name.utf8.count) + value)
        }
        if let account = target.account { add("account", account) }
        add("address", target.baseURL ?? "the embedded bank")
        add("credentials", clientIDEnd.map { "client id that ends in \($0)" } ?? "not known")
        let limits = target.policy.limitTexts
        add("limits", limits.isEmpty ? "none" : limits.map { "\($0.name) \($0.value)" }.joined(separator: "; "))
        return lines.joined(separator: "\n")
    }
}

extension TargetEnvironment {
    /// Whether effects may happen there while nobody sits at a terminal, and no plan was approved.
    public var mayActUnattended: Bool { !isProduction || policy.isUnattended }
}
