import Yams

/// How one environment differs from the built-in one of the same name.
public struct EnvironmentSettings: Sendable, Equatable {
    public var baseURL: String?
    public var refundWith: Configuration.RefundWay?
    public var requestsPerSecond: Int?
    public var parallel: Int?
    public var patience: Duration?
    public var allowEffects: Bool?
    /// False leaves references of Bursar's own out of writes.
    public var stamps: Bool?
    /// How long after the last sending a look that finds nothing proves that nothing happened.
    public var settling: Duration?
    /// What people call the account that calls go to.
    public var account: String?
    public var credentials: CredentialsSource?
    /// What the policy says, apart from what it would be without saying.
    public var policy: PolicySettings?
    /// Whose word a plan needs.
    public var approvals: ApprovalRule?
}

extension ConfigurationReader {
    private static let keys = [
        "base_url", "refund_with", "requests_per_second", "parallel", "patience", "allow_effects", "stamps", "settling",
        "account", "credentials", "policy", "approvals",
    ]

    /// Reads the settings of an environment over those that are there.
    func read(_ node: Node, of name: String, into configuration: inout Configuration) throws(ConfigurationError) {
        var settings = configuration.environments[name] ?? EnvironmentSettings()
        for (key, value) in try members(of: node, known: ConfigurationReader.keys) {
            configuration.origins["\(name).\(key)"] = place(of: value)
            switch key {
            case "base_url": settings.baseURL = try text(value, key)
            case "refund_with":
                let word = try word(value, key, of: Configuration.RefundWay.allCases.map(\.rawValue))
                settings.refundWith = Configuration.RefundWay(rawValue: word)
            case "requests_per_second": settings.requestsPerSecond = try number(value, key)
            case "patience":
                guard let span = value.string.flatMap({ Span.read($0) }) else {
                    throw error(value, "patience must be a length of time of at most 30 days, such as 15m or 2h")
                }
                settings.patience = span
            case "parallel": settings.parallel = try number(value, key)
            case "settling":
                guard let span = Span.read(value.string ?? "") else {
                    throw error(value, "settling must be a length of time such as 30s")
                }
                settings.settling = span
            case "account": settings.account = try text(value, key)
            case "credentials": settings.credentials = try credentials(value)
            case "policy":
                let (policy, origins) = try self.policy(value, prefix: "\(name).policy")
                settings.policy = policy
                configuration.origins = configuration.origins.filter { !$0.key.hasPrefix("\(name).policy.") }
                configuration.origins.merge(origins) { _, new in new }
            case "approvals": settings.approvals = try ApprovalRule(value, self)
            case "stamps": settings.stamps = try flag(value, key)
            default: settings.allowEffects = try flag(value, key)
            }
        }
        configuration.environments[name] = settings
    }
}
