import ArgumentParser
import BursarSchedule
import ConomyAPI
import ExactJSON
import Foundation

struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedules and when they run next.",
        discussion: """
            Examples:
              bursar schedule list
              bursar schedule list --from 2026-12-01 --json
            """)

    @OptionGroup var options: ScheduleOptions

    @Option(name: .customLong("from"), help: "Count from this instant, or this day (UTC), instead of from now.")
    var start: Moment?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await ScheduleOptions.answer(json: json) {
            let file = try options.read()
            let folder = (file.path as NSString).deletingLastPathComponent
            let after = start?.date ?? Date()
            let next = try file.schedules.map { schedule in
                schedule.isEnabled ? try ScheduleView.next(schedule, folder: folder, after: after, count: 3) : []
            }
            if json {
                let list = zip(file.schedules, next).map { ScheduleView.json($0, next: $1) }
                Output.result(JSON.object(["path": .string(file.path), "schedules": .array(list)]).text(.pretty))
            } else if file.schedules.isEmpty {
                Output.error("\(file.path) has no schedules")
            } else {
                Output.result(
                    zip(file.schedules, next).map { ScheduleView.text($0, next: $1, width: TerminalWidth.columns) }
                        .joined(separator: "\n"))
            }
        }
    }
}

extension Moment {
    var date: Date { Date(timeIntervalSince1970: Double(start.millisecondsSince1970) / 1000) }
}
