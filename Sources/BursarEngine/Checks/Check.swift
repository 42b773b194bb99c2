/// What one look at this machine, its files or an environment found.
public struct CheckResult: Sendable {
    public enum State: String, Sendable, CaseIterable { case ok, warning, failed }

    /// What was looked at: `clock`, `journal`, `environment sandbox`.
    public let check: String
    public let state: State
    /// One sentence, with the value.
    public let text: String
    /// What to do; nil where nothing need be done.
    public let hint: String?
    /// What a run would end with because of it; nil unless it failed.
    public let kind: RunFailure.Kind?

    private init(_ check: String, _ state: State, _ text: String, _ hint: String?, _ kind: RunFailure.Kind?) {
        self.check = check
        self.state = state
        self.text = text
        self.hint = hint
        self.kind = kind
    }

    public static func ok(_ check: String, _ text: String) -> CheckResult { CheckResult(check, .ok, text, nil, nil) }

    /// Nothing fails because of it now.
    public static func warning(_ check: String, _ text: String, hint: String) -> CheckResult {
        CheckResult(check, .warning, text, hint, nil)
    }

    public static func failed(_ check: String, _ kind: RunFailure.Kind, _ text: String, hint: String?) -> CheckResult {
        CheckResult(check, .failed, text, hint, kind)
    }

    public static func failed(_ check: String, _ failure: RunFailure) -> CheckResult {
        CheckResult(check, .failed, (failure.location.map { "\($0): " } ?? "") + failure.message, failure.hint, failure.kind)
    }
}

/// One look. It changes nothing and throws nothing: what cannot be found out is a result, too.
public protocol Check: Sendable {
    func results() async -> [CheckResult]
}
