public import ConomyClient
import Foundation

/// The credentials of a run. All of them come from one place: the process's environment where any of them is set there, else what
/// `bursar.yaml` names for the environment, else systemd's. They never come from a flag.
public struct RunCredentials: Sendable {
    public static let variables = ["CONOMY_CLIENT_ID", "CONOMY_CLIENT_SECRET", "CONOMY_API_KEY"]
    /// By which a listener knows the API's events. Not needed for calls, and kept where the others are.
    public static let webhookVariable = "CONOMY_WEBHOOK_SECRET"
    /// All that may be given.
    public static let secretVariables = variables + [webhookVariable]
    private let values: [String: Secret]
    /// Where they were looked for.
    private let place: String

    /// From the process's environment alone.
    public init(environment: [String: String]) { self.init(environment, place: "the environment of this command") }

    private init(_ texts: [String: String], place: String) {
        var values: [String: Secret] = [:]
        for name in RunCredentials.secretVariables {
            if let value = texts[name], !value.isEmpty { values[name] = Secret(value) }
        }
        self.values = values
        self.place = place
    }

    /// From wherever they are for a target.
    /// - Throws: `RunFailure` of kind credentials when a file or a command cannot be used; nothing that it holds is told.
    public init(for target: TargetEnvironment, environment: [String: String]) throws(RunFailure) {
        let given = RunCredentials(environment: environment)
        guard RunCredentials.variables.allSatisfy({ given.values[$0] == nil }), !target.isLocal else {
            self = given
            return
        }
        guard let kept = try RunCredentials.kept(for: target, environment) else {
            self = given
            return
        }
        self.init(kept.texts, place: kept.place)
    }

    /// What is given elsewhere than in the process's environment; nil when nothing says where.
    private static func kept(for target: TargetEnvironment, _ environment: [String: String]) throws(RunFailure)
        -> (texts: [String: String], place: String)?
    {
        switch target.credentials {
        case .file(let path): return (try CredentialsFile.read(path), path)
        case .command(let words): return (try CredentialsCommand.run(words), "what \(words[0]) printed")
        case nil:
            guard let folder = environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/") else { return nil }
            return (systemd(folder), folder)
        }
    }

    /// The secrets that events of a target are signed with: one, or two while it is being changed, separated by a comma. They come from
    /// the process's environment, else from where the target's credentials are kept.
    /// - Throws: `RunFailure` of kind credentials when there is none, or a file or a command cannot be used.
    public static func webhookSecrets(for target: TargetEnvironment, environment: [String: String]) throws(RunFailure)
        -> [Secret]
    {
        var text = environment[webhookVariable] ?? ""
        var place = "the environment of this command"
        if text.isEmpty, let kept = try kept(for: target, environment) {
            text = kept.texts[webhookVariable] ?? ""
            place = kept.place
        }
        let secrets = each(text)
        guard !secrets.isEmpty else {
            throw RunFailure(
                .credentials,
                "\(webhookVariable) is not set in \(place): without it nobody can tell the API's events from others",
                hint: "the dashboard shows it beside the address of your webhook; set it there, or where the credentials are kept"
            )
        }
        return secrets
    }

    /// systemd keeps each in a file of its own, named as the variable, in capitals or not.
    private static func systemd(_ folder: String) -> [String: String] {
        var texts: [String: String] = [:]
        for name in secretVariables {
            let data =
                FileManager.default.contents(atPath: "\(folder)/\(name)")
                ?? FileManager.default.contents(atPath: "\(folder)/\(name.lowercased())")
            texts[name] = data.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        }
        return texts
    }

    /// What a redaction must hide.
    public var secrets: [Secret] {
        values.flatMap { name, value in
            name == RunCredentials.webhookVariable ? RunCredentials.each(value.reveal()) : [value]
        }
    }

    /// Of several, separated by commas.
    private static func each(_ text: String) -> [Secret] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.map { Secret($0) }
    }

    /// The last four characters of the client id, by which people tell accounts apart; nil when that would be half of it.
    public var clientIDEnd: String? {
        values["CONOMY_CLIENT_ID"].map { $0.reveal() }.flatMap { $0.count >= 8 ? String($0.suffix(4)) : nil }
    }

    /// - Throws: `RunFailure` naming every variable that is missing.
    func complete(for environment: String) throws(RunFailure) -> ClientEnvironment.Credentials {
        let missing = RunCredentials.variables.filter { values[$0] == nil }
        guard let id = values["CONOMY_CLIENT_ID"], let secret = values["CONOMY_CLIENT_SECRET"], let key = values["CONOMY_API_KEY"]
        else {
            throw RunFailure(
                .credentials,
                "\(environment) needs credentials: \(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not set in "
                    + place,
                hint:
                    "the dashboard shows them under Settings, API Keys; set them in the environment of this command, or say with "
                    + "credentials: in bursar.yaml where they are")
        }
        return ClientEnvironment.Credentials(clientID: id, clientSecret: secret, apiKey: key)
    }

    /// Lines of `NAME=value`; empty ones and those that begin with # say nothing.
    /// - Returns: nil when a line is neither.
    static func parse(_ text: String) -> [String: String]? {
        var texts: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else { return nil }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            guard secretVariables.contains(name), texts[name] == nil else { return nil }
            texts[name] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        }
        return texts
    }

    static func unreadable(_ place: String) -> RunFailure {
        RunFailure(
            .credentials, "\(place) does not give credentials as they are written",
            hint:
                "it needs three lines NAME=value, for \(variables.joined(separator: ", ")), each once, one for \(webhookVariable) "
                + "where there is a listener, and nothing else")
    }
}
