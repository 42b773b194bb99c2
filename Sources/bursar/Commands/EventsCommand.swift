import ArgumentParser

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Look at the events that were received, and have them handled again.",
        discussion: """
            Examples:
              bursar events list --state-of failed
              bursar events show 4f2ac01b
              bursar events retry 4f2ac01b
            """,
        subcommands: [EventsListCommand.self, EventsShowCommand.self, EventsRetryCommand.self],
        defaultSubcommand: EventsListCommand.self)
}
