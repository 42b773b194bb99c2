import ArgumentParser
import BursarSchedule

struct ScheduleEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Put a schedule in force.",
        discussion: """
            Examples:
              bursar schedule enable nightly
            """)

    @Argument(help: "The schedule's name.", completion: Candidates.schedules)
    var name: String

    @OptionGroup var options: ScheduleOptions

    func run() async throws {
        try await ScheduleOptions.answer {
            let file = try options.change { file throws(ScheduleError) in try file.setting(name, enabled: true) }
            Output.result("\(name) is enabled in \(file.path)")
        }
    }
}
