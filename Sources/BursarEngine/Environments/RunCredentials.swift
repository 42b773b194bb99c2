public import ConomyClient

/// The credentials found in the process's environment. They never come from a file or a flag.
public struct RunCredentials: Sendable {
    public static let variables = ["CONOMY_CLIENT_ID", "CONOMY_CLIENT_SECRET", "CONOMY_API_KEY"]
    private let values: [String: Secret]

    public init(environment: [String: String]) {
        var values: [String: Secret] = [:]
        for name in RunCredentials.variables {
            if let value = environment[name], !value.isEmpty { values[name] = Secret(value) }
        }
        self.values = values
    }

    /// What a redaction must hide.
    public var secrets: [Secret] { Array(values.values) }

    /// - Throws: `RunFailure` naming every variable that is missing.
    func complete(for environment: String) throws(RunFailure) -> ClientEnvironment.Credentials {
        let missing = RunCredentials.variables.filter { values[$0] == nil }
        guard let id = values["CONOMY_CLIENT_ID"], let secret = values["CONOMY_CLIENT_SECRET"], let key = values["CONOMY_API_KEY"]
        else {
            throw RunFailure(
                .credentials,
                "\(environment) needs credentials: \(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not set",
                hint: "the dashboard shows them under Settings, API Keys; set them in the environment of this command")
        }
        return ClientEnvironment.Credentials(clientID: id, clientSecret: secret, apiKey: key)
    }
}
