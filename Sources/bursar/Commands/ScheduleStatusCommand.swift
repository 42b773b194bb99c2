import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import ExactJSON
import Foundation

struct ScheduleStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say what became of the last slots of each schedule.",
        discussion: """
            Examples:
              bursar schedule status
              bursar schedule status nightly --count 10 --json

            Exit code 0 when the last slot of every enabled schedule was done; 1 when one failed, was skipped, cut off or did not run at
            all, or when nobody asks what is due. A slot that is still being run leaves it to the one before.
            """)

    @Argument(help: "The schedule; all of them where none is named.", completion: Candidates.schedules)
    var name: String?

    @Option(help: "How many slots of each.")
    var count = 3

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("As if it were this instant.", visibility: .hidden))
    var now: Moment?

    @OptionGroup var options: ScheduleOptions

    mutating func validate() throws {
        if !(1...1000).contains(count) { throw ValidationError("--count must be from 1 to 1000.") }
    }

    func run() async throws {
        let isWell = try await ScheduleOptions.answer(json: json) {
            let runs = try ScheduledRuns(options)
            let schedules = try name.map { [try runs.schedule(named: $0)] } ?? runs.file.schedules
            let time = now?.date ?? Date()
            let all = try schedules.map { try ScheduleStatus($0, runs, at: time, count: count) }
            if json {
                Output.result(
                    JSON.object([
                        "ok": .bool(all.allSatisfy(\.isWell)), "path": .string(runs.file.path),
                        "schedules": .array(all.map(\.json)),
                    ]).text(.pretty))
            } else if all.isEmpty {
                Output.error("\(runs.file.path) has no schedules")
            } else {
                Output.result(all.map { $0.text(width: TerminalWidth.columns) }.joined(separator: "\n"))
            }
            return all.allSatisfy(\.isWell)
        }
        if !isWell { throw ExitCode(BursarExit.scriptFailed.rawValue) }
    }
}
