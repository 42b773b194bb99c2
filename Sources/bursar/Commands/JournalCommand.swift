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
            """,
        subcommands: [JournalVerifyCommand.self, JournalPathCommand.self])
}

struct JournalVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read everything and compare it with what was written; ends with 12 when it differs.")

    @OptionGroup var options: LookBackOptions

    func run() async throws {
        try await options.look { reader in
            let tables = try reader.verifyWhole()
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
    static let configuration = CommandConfiguration(commandName: "path", abstract: "Print where the journal is, or would be.")

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
