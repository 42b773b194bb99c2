import ArgumentParser
import BursarEngine
import BursarSchedule
import ConomyAPI
import ExactJSON
import Foundation

struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedules, what came of them last and when they run next.",
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
            let runs = try ScheduledRuns(options)
            let file = runs.file
            let after = start?.date ?? Date()
            let next = try file.schedules.map { schedule in
                schedule.isEnabled ? try ScheduleView.next(schedule, folder: runs.folder, after: after, count: 3) : []
            }
            let last = file.schedules.map { ScheduleListCommand.last($0, runs, until: min(after, Date())) }
            if json {
                let list = file.schedules.indices.map { index in
                    ScheduleView.json(file.schedules[index], next: next[index], last: last[index].row)
                }
                Output.result(JSON.object(["path": .string(file.path), "schedules": .array(list)]).text(.pretty))
            } else if file.schedules.isEmpty {
                Output.error("\(file.path) has no schedules")
            } else {
                Output.result(
                    file.schedules.indices.map { index in
                        ScheduleView.text(
                            file.schedules[index], next: next[index], last: last[index].text, width: TerminalWidth.columns)
                    }.joined(separator: "\n"))
            }
        }
    }

    /// The last slot of a schedule, and it as people read it. What is wrong with one schedule's journal hides no other.
    private static func last(_ schedule: Schedule, _ runs: ScheduledRuns, until now: Date) -> (
        row: ScheduleStatus.Row?, text: String?
    ) {
        do {
            let row = try ScheduleStatus(schedule, runs, at: now, count: 1).slots.first
            return (row, row.map { "\(schedule.time.text($0.slot.time)) \($0.text)" })
        } catch {
            return (nil, "not known: \(RunFailure(anyOf: error)?.message ?? "\(error)")")
        }
    }
}

extension Moment {
    var date: Date { Date(timeIntervalSince1970: Double(start.millisecondsSince1970) / 1000) }
}
