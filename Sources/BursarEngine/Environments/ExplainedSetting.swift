/// A setting as it is in effect, and where that was said.
public struct ExplainedSetting: Sendable, Equatable {
    public let name: String
    public let value: String
    /// `bursar.yaml:12`, `--rate`, `BURSAR_RATE`, or `default`.
    public let origin: String

    public init(name: String, value: String, origin: String) {
        self.name = name
        self.value = value
        self.origin = origin
    }
}

extension TargetEnvironment {
    /// Everything that files say of it, or that is built in, by the keys of `bursar.yaml`.
    public func explained(in configuration: Configuration) -> [ExplainedSetting] {
        func setting(_ key: String, _ value: String) -> ExplainedSetting {
            ExplainedSetting(name: key, value: value, origin: configuration.origins["\(name).\(key)"] ?? "default")
        }
        var settings = [
            setting("base_url", baseURL ?? "the embedded bank"),
            setting("requests_per_second", requestsPerSecond.map(String.init) ?? "no cap"),
            setting("parallel", parallel.map(String.init) ?? "as the script says"),
            setting("patience", Span.words(patience)), setting("refund_with", refundWith.rawValue),
            setting("allow_effects", String(allowEffects)), setting("stamps", String(stamps)),
            setting("settling", settling.map(Span.words) ?? "as the operation's probe says"),
            setting("account", account ?? "no name"),
            setting("credentials", credentials?.text ?? "CONOMY_CLIENT_ID, CONOMY_CLIENT_SECRET, CONOMY_API_KEY"),
        ]
        settings += policy.texts.map { setting("policy.\($0.name)", $0.value) }
        return settings
    }
}
