import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON

struct EventsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Have events handled once more that failed or had no handler.",
        discussion: """
            Examples:
              bursar events retry 4f2ac01b
              bursar events retry --all-failed

            The listener takes them up within a second or so, or when it is started. What their earlier runs did is not done again.
            """)

    @Argument(help: "The events' names, or their beginnings.")
    var events: [String] = []

    @Flag(help: "All that failed.")
    var allFailed = false

    @OptionGroup var options: LookBackOptions

    mutating func validate() throws {
        if events.isEmpty != allFailed { throw ValidationError("Name events, or say --all-failed.") }
    }

    func run() async throws {
        try await options.answer {
            let folder = try options.folder()
            let reader = try JournalReader(folder: folder)
            let names =
                try allFailed
                ? reader.events(state: .failed, most: 1_000_000).map(\.name) : events.map { try reader.find(event: $0).name }
            let journal = try Journal(folder: folder)
            defer { journal.close() }
            let count = try await journal.retry(events: names)
            if options.json {
                Output.result(JSON.object(["retried": .integer(count), "named": .integer(names.count)]).text(.pretty))
            } else {
                Output.result(
                    "\(count) of \(names.count) events wait to be handled" + (count < names.count ? "; the others are done" : ""))
            }
            return .done
        }
    }
}
