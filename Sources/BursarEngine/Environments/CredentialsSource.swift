import Foundation
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
        if key == "file" { return .file(absolute(try text(value, key))) }
        var words = try texts(value, key)
        guard let program = words.first else { throw error(value, "command must name a program") }
        // A bare name is looked for on the path.
        if program.contains("/") { words[0] = absolute(program) }
        return .command(words)
    }

    /// A path as the file means it: from its own folder, or the user's where it begins with `~/`.
    private func absolute(_ text: String) -> String {
        if text.hasPrefix("~/") { return NSHomeDirectory() + text.dropFirst() }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return URL(fileURLWithPath: text, relativeTo: folder).standardizedFileURL.path
    }
}
