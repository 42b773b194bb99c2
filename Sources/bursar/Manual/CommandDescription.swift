import ArgumentParser
import ExactJSON

/// A command as the library describes it: what help texts, completions and manual pages are made from.
struct CommandDescription {
    /// `bursar schedule add`
    let path: [String]
    let abstract: String
    /// As the command's source has it: examples, then text.
    let discussion: String
    let arguments: [Argument]
    let subcommands: [CommandDescription]

    struct Argument {
        enum Kind: String { case positional, option, flag }
        let kind: Kind
        /// `-o`, `--output`; none for a positional.
        let names: [String]
        let value: String
        let abstract: String
        let values: [String]
        let fallback: String?
        let isOptional: Bool
        let isRepeating: Bool
    }

    /// The program and all its commands.
    static let program: CommandDescription? = {
        guard let json = try? JSON(parsing: Bursar._dumpHelp()), let command = json["command"] else { return nil }
        return CommandDescription(command, above: [])
    }()

    private init(_ json: JSON, above: [String]) {
        func text(_ key: String) -> String { json[key]?.string ?? "" }
        let path = above + [text("commandName")]
        self.path = path
        abstract = text("abstract")
        discussion = text("discussion")
        arguments = (json["arguments"]?.array ?? []).filter { $0["shouldDisplay"] == true }.compactMap(Argument.init)
        // The library's own help has no page.
        subcommands = (json["subcommands"]?.array ?? []).filter { $0["shouldDisplay"] == true && $0["commandName"] != "help" }
            .map { CommandDescription($0, above: path) }
    }

    /// This one and all beneath it.
    var all: [CommandDescription] { [self] + subcommands.flatMap(\.all) }

    /// The lines of the discussion that are command lines, without what else stands there.
    var examples: [String] {
        discussion.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }
    }

    /// Everything of the discussion but its examples, by paragraph.
    var paragraphs: [String] {
        discussion.split(separator: "\n", omittingEmptySubsequences: false)
            .split { $0.isEmpty }
            .map { lines in lines.filter { !$0.hasPrefix("  ") && $0 != "Examples:" }.joined(separator: " ") }
            .filter { !$0.isEmpty }
    }
}

extension CommandDescription.Argument {
    fileprivate init?(_ json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init) else { return nil }
        self.kind = kind
        names = (json["names"]?.array ?? []).compactMap { name in
            name["name"]?.string.map { (name["kind"] == "long" ? "--" : "-") + $0 }
        }
        value = json["valueName"]?.string ?? "value"
        abstract = json["abstract"]?.string ?? ""
        values = (json["allValues"]?.array ?? []).compactMap(\.string)
        fallback = json["defaultValue"]?.string
        isOptional = json["isOptional"] == true
        isRepeating = json["isRepeating"] == true
    }
}
