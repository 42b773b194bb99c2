import ArgumentParser
import BursarSchedule

struct ScheduleDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Keep a schedule from running; it stays in the file.",
        discussion: """
            Examples:
              bursar schedule disable nightly
            """)

    @Argument(help: "The schedule's name.", completion: Candidates.schedules)
    var name: String

    @OptionGroup var options: ScheduleOptions

    func run() async throws {
        try await ScheduleOptions.answer {
            let file = try options.change { file throws(ScheduleError) in try file.setting(name, enabled: false) }
            Output.result("\(name) is disabled in \(file.path)")
        }
    }
}
