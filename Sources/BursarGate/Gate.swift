public import ConomyAPI

/// Decides whether a call may happen. Pure: no I/O, no state; the same call gets the same decision.
public struct Gate: Sendable {
    /// One reason to say no. Each rule is a file of its own.
    public protocol Rule: Sendable {
        /// Nil when the rule has nothing against the call.
        func refusal(of call: Call) -> Refusal?
    }

    /// Why a call was refused. Nothing was sent.
    public struct Refusal: Error, Sendable, Equatable {
        /// The rule that spoke, stable: `declared_effects`.
        public let rule: String
        public let message: String
        /// What to do about it.
        public let hint: String

        public init(rule: String, message: String, hint: String) {
            self.rule = rule
            self.message = message
            self.hint = hint
        }

        /// The same, as the failure a performer reports of an environment's policy: it names the rule, which can be changed there.
        public var failureOfPolicy: CallFailure {
            CallFailure(.refused, code: rule, "\(message) (rule \(rule))", hint: hint)
        }

        /// The same, as the failure a performer reports.
        public var failure: CallFailure { CallFailure(.refused, code: rule, message, hint: hint) }
    }

    public let rules: [any Rule]

    /// Rules that refuse each effect alike: the first refusal ends the run.
    public static let rulesForAll: Set<String> = [
        LimitsRequired.name, PlanRequired.name, "frozen", "unattended", "not_confirmed",
    ]

    /// - Parameter rules: asked in this order; the first refusal is the answer.
    public init(_ rules: [any Rule]) { self.rules = rules }

    /// - Throws: the first refusal.
    public func admit(_ call: Call) throws(Refusal) {
        for rule in rules {
            if let refusal = rule.refusal(of: call) { throw refusal }
        }
    }
}
