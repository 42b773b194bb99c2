import Yams

/// Where an environment's credentials come from, besides the process's environment.
public enum CredentialsSource: Sendable, Equatable {
    /// A file that only its owner can read, with one `NAME=value` a line.
    case file(String)
    /// A program and its arguments; it prints the same lines.
    case command([String])

    /// For people.
    public var text: String {
        switch self {
        case .file(let path): "file \(path)"
        case .command(let words): "command \(words.first ?? "")"
        }
    }
}

extension ConfigurationReader {
    func credentials(_ node: Node) throws(ConfigurationError) -> CredentialsSource {
        let members = try members(of: node, known: ["file", "command"])
        guard members.count == 1, let (key, value) = members.first else {
            throw error(node, "credentials: names either a file or a command")
        }
        if key == "file" { return .file(try text(value, key)) }
        let words = try texts(value, key)
        guard !words.isEmpty else { throw error(value, "command must name a program") }
        return .command(words)
    }
}
