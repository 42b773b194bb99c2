import ArgumentParser
import BursarSchedule

struct ScheduleRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a schedule out of the file; comments around it stay.",
        discussion: """
            Examples:
              bursar schedule remove nightly
            """)

    @Argument(help: "The schedule's name.", completion: Candidates.schedules)
    var name: String

    @OptionGroup var options: ScheduleOptions

    func run() async throws {
        try await ScheduleOptions.answer {
            let file = try options.change { file throws(ScheduleError) in try file.removing(name) }
            Output.result("removed \(name) from \(file.path)")
        }
    }
}
