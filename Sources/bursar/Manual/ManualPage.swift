import BursarEngine
import BursarSchedule

/// A command's page for man(1), made from what the command says of itself.
struct ManualPage {
    let command: CommandDescription

    /// `bursar-schedule-add.1`
    var file: String { name(command.path) + ".1" }

    private func name(_ path: [String]) -> String { path.joined(separator: "-") }

    var text: String {
        var lines = [
            ".TH \(Roff.word(name(command.path).uppercased())) 1 \"\" \(Roff.word("Bursar \(bursarVersion)"))", ".SH NAME",
            "\(Roff.text(name(command.path))) \\- \(Roff.text(sentence(command.abstract)))", ".SH SYNOPSIS", synopsis,
        ]
        if !command.examples.isEmpty {
            lines += [".SH EXAMPLES", ".nf"] + command.examples.map(Roff.line) + [".fi"]
        }
        if !command.paragraphs.isEmpty {
            lines += [".SH DESCRIPTION"] + Array(command.paragraphs.map { [Roff.line($0)] }.joined(separator: [".PP"]))
        }
        if !command.subcommands.isEmpty {
            lines.append(".SH COMMANDS")
            lines += command.subcommands.flatMap { [".TP", "\\fB\(Roff.text($0.path.last ?? ""))\\fR", Roff.line($0.abstract)] }
        }
        lines += section("ARGUMENTS", command.arguments.filter { $0.kind == .positional })
        lines += section("OPTIONS", command.arguments.filter { $0.kind != .positional })
        if command.path.count == 1 { lines += ManualPage.exits + ManualPage.variables + ManualPage.files }
        lines += [".SH SEE ALSO", seeAlso]
        return lines.joined(separator: "\n") + "\n"
    }

    /// A name's line has no full stop.
    private func sentence(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    private var synopsis: String {
        var words = ["\\fB\(Roff.text(command.path.joined(separator: " ")))\\fR"]
        if !command.subcommands.isEmpty { words.append("\\fIcommand\\fR") }
        for argument in command.arguments where !argument.isOptional && argument.kind == .option {
            words.append("\\fB\(Roff.text(argument.names.last ?? ""))\\fR \\fI\(Roff.text(argument.value))\\fR")
        }
        for argument in command.arguments where argument.kind == .positional {
            let word = "\\fI\(Roff.text(argument.value))\\fR" + (argument.isRepeating ? " ..." : "")
            words.append(argument.isOptional ? "[\(word)]" : word)
        }
        return (words + ["[\\fIoption\\fR ...]"]).joined(separator: " ")
    }

    private func section(_ title: String, _ arguments: [CommandDescription.Argument]) -> [String] {
        guard !arguments.isEmpty else { return [] }
        return [".SH \(title)"]
            + arguments.flatMap { argument in
                let names = argument.names.map { "\\fB\(Roff.text($0))\\fR" }.joined(separator: ", ")
                let value = argument.kind == .flag ? nil : "\\fI\(Roff.text(argument.value))\\fR"
                let label = argument.kind == .positional ? [value] : [names, value]
                var text = argument.abstract
                if !argument.values.isEmpty { text += " One of: \(argument.values.joined(separator: ", "))." }
                if let fallback = argument.fallback { text += " Default: \(fallback)." }
                return [".TP", label.compactMap { $0 }.joined(separator: " "), Roff.line(text.isEmpty ? "-" : text)]
            }
    }

    private static var exits: [String] {
        [".SH EXIT STATUS"]
            + BursarExit.allCases.flatMap { [".TP", "\\fB\($0.rawValue)\\fR", Roff.line($0.meaning)] }
    }

    private static var variables: [String] {
        [".SH ENVIRONMENT"]
            + Setting.allCases.flatMap {
                [".TP", "\\fB\($0.rawValue)\\fR", "As \\fB\(Roff.text($0.flag))\\fR, which wins over it."]
            }
            + RunCredentials.variables.flatMap { [".TP", "\\fB\($0)\\fR", "Credentials for the environment that is called."] }
            + [".TP", "\\fB\(RunCredentials.webhookVariable)\\fR", "What the environment's events are signed with."]
    }

    private static var files: [String] {
        let files = [
            ("bursar.yaml", "Environments and their policies; the nearest one, in this folder or above it."),
            ("~/.config/bursar/bursar.yaml", "The user's own settings, beneath those of the project."),
            (ScheduleFile.name, "Schedules, beside bursar.yaml."),
            (".bursar", "The journal, beside bursar.yaml."),
            ("~/.local/state/bursar", "The journal where there is no bursar.yaml."),
            ("~/.config/bursar/keys", "Keys for approvals."),
        ]
        return [".SH FILES"] + files.flatMap { [".TP", "\\fI\(Roff.text($0.0))\\fR", Roff.line($0.1)] }
    }

    private var seeAlso: String {
        let above = command.path.count > 1 ? [Array(command.path.dropLast())] : []
        let others = above + command.subcommands.map(\.path)
        guard !others.isEmpty else { return "\\fBbursar docs\\fR prints the reference of what a script sees." }
        return others.map { "\\fB\(Roff.text(name($0)))\\fR(1)" }.joined(separator: ",\n")
    }
}

/// Text for the program that sets manual pages: nothing in it is taken for one of its commands.
private enum Roff {
    static func text(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq").replacing("`", with: "\\(ga")
            .replacing("^", with: "\\(ha").replacing("~", with: "\\(ti").replacing("\n", with: " ")
    }

    /// A whole line: a dot at its beginning would be a command.
    static func line(_ text: String) -> String { (text.hasPrefix(".") ? "\\&" : "") + self.text(text) }

    /// One argument of a command.
    static func word(_ text: String) -> String { "\"\(self.text(text).replacing("\"", with: "\\(dq"))\"" }
}
