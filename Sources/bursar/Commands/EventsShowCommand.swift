import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON

struct EventsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an event as it was received, and what became of it.",
        discussion: """
            Examples:
              bursar events show 4f2ac01b
              bursar events show 4f2ac01b --json
            """)

    @Argument(help: "The event's name, or its beginning.")
    var event: String

    @OptionGroup var options: LookBackOptions

    func run() async throws {
        try await options.look { reader in
            let event = try reader.find(event: event)
            Output.result(
                options.json ? EventView.json(event).text(.pretty) : EventView.text(event, width: TerminalWidth.columns))
            return .done
        }
    }
}

extension JournalReader {
    /// - Throws: `RunFailure` where there is none of this name, `JournalError`.
    func find(event name: String) throws -> StoredEvent {
        guard !name.isEmpty, let event = try event(named: name) else {
            throw RunFailure(.invalid, "there is no event \(name) in \(folder.path)", hint: "bursar events list shows them")
        }
        return event
    }
}
