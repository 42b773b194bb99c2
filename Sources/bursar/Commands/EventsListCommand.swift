public import ArgumentParser
import BursarEngine
public import BursarJournal
import ExactJSON

struct EventsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List events, the newest first.",
        discussion: """
            Examples:
              bursar events list
              bursar events list --state-of failed --json
            """)

    @Option(help: "Only those: waiting, done, unhandled or failed.")
    var stateOf: StoredEvent.State?

    @Option(help: "Only events of this name, such as payment.settled.")
    var type: String?

    @Option(help: "At most so many.")
    var limit = 50

    @OptionGroup var options: LookBackOptions

    mutating func validate() throws {
        if !(1...1_000_000).contains(limit) { throw ValidationError("--limit must be from 1 to 1000000.") }
    }

    func run() async throws {
        try await options.look { reader in
            let events = try reader.events(state: stateOf, type: type, most: limit)
            let counts = try reader.eventCounts()
            if options.json {
                let totals = StoredEvent.State.allCases.map { ($0.rawValue, JSON.integer(counts[$0] ?? 0)) }
                Output.result(
                    JSON.object(["counts": .object(JSONObject(totals)), "events": .array(events.map(EventView.json))]).text(
                        .pretty))
            } else if events.isEmpty {
                Output.error("no event fits in \(reader.folder.path)")
            } else {
                for event in events { Output.result(EventView.line(event)) }
                let totals = StoredEvent.State.allCases.compactMap { state in counts[state].map { "\($0) \(state.rawValue)" } }
                Output.error(totals.joined(separator: ", "))
            }
            return .done
        }
    }
}

extension StoredEvent.State: ExpressibleByArgument {}
