import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Look at the journal as a whole.",
        discussion: """
            Examples:
              bursar journal verify
              bursar journal path
              bursar journal accept --because "the backup of Monday; compared with the bank"
            """,
        subcommands: [JournalVerifyCommand.self, JournalPathCommand.self, JournalAcceptCommand.self])
}

struct JournalVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read everything and compare it with what was written; ends with 12 when it differs.",
        discussion: """
            Examples:
              bursar journal verify
              bursar journal verify --state /srv/bursar --json
            """)

    @OptionGroup var options: LookBackOptions

    func run() async throws {
        try await options.look { reader in
            let tables = try reader.verify()
            if options.json {
                let rows = JSONObject(tables.map { ($0.table, .integer(Int($0.rows))) })
                Output.result(
                    JSON.object(["ok": true, "path": .string(reader.folder.path), "rows": .object(rows)]).text(.pretty))
            } else {
                var fields = FieldLines(width: TerminalWidth.columns)
                for (table, rows) in tables { fields.add(table.replacing("_", with: " "), String(rows)) }
                Output.result((["\(reader.folder.path) is whole"] + fields.lines).joined(separator: "\n"))
            }
            return .done
        }
    }
}

struct JournalPathCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Print where the journal is, or would be.",
        discussion: """
            Examples:
              bursar journal path
            """)

    @OptionGroup var options: LookBackOptions

    func run() async throws {
        try await options.answer {
            let folder = try options.folder()
            Output.result(
                options.json
                    ? JSON.object(["path": .string(folder.path), "exists": .bool(folder.exists)]).text(.pretty) : folder.path)
            return .done
        }
    }
}

struct JournalAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Go on with a journal that was rolled back or has lost its end, once it was compared with the bank.",
        discussion: """
            Examples:
              bursar journal accept --because "compared with the bank"

            What is left of it must be whole. What it has lost is not known to it any more: runs would do that again, unless the
            bank shows that it was done. Compare first.
            """)

    @OptionGroup var options: LookBackOptions

    @Option(help: "Why that is right; it is recorded.")
    var because: String

    mutating func validate() throws {
        if because.allSatisfy(\.isWhitespace) { throw ValidationError("--because must say why.") }
    }

    func run() async throws {
        try await options.answer {
            let accepted = try Journal.accept(folder: try options.folder(), because: because)
            let lost = accepted.lost.filter { $0.rows > 0 }
            if options.json {
                let rows = JSONObject(lost.map { ($0.table, .integer(Int($0.rows))) })
                Output.result(JSON.object(["ok": true, "lost": .object(rows)]).text(.pretty))
            } else {
                let what = lost.map { "\($0.rows) \($0.table.replacing("_", with: " "))" }.joined(separator: ", ")
                Output.result(
                    "Accepted: the journal goes on from here. "
                        + (what.isEmpty ? "What it has lost cannot be told." : "It has lost \(what)."))
            }
            return .done
        }
    }
}
