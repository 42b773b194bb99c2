import ArgumentParser
import BursarEngine
import BursarSchedule
import ExactJSON
import Foundation

struct ScheduleNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Print when a schedule, or a cron expression, fires next.",
        discussion: """
            Examples:
              bursar schedule next nightly --count 5
              bursar schedule next "30 2 * * *" --time-zone Europe/Berlin --from 2027-03-27
            """)

    @Argument(help: "A schedule's name, or a cron expression.")
    var what: String

    @Option(help: "How many.")
    var count = 10

    @Option(help: "The time zone of a cron expression.")
    var timeZone: String?

    @Option(name: .customLong("from"), help: "Count from this instant, or this day (UTC), instead of from now.")
    var start: Moment?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var options: ScheduleOptions

    /// No name has a blank or an at sign in it.
    private var isExpression: Bool { what.contains(" ") || what.hasPrefix("@") }

    mutating func validate() throws {
        if !(1...100_000).contains(count) { throw ValidationError("--count must be from 1 to 100000.") }
        if isExpression, timeZone == nil { throw ValidationError("A cron expression needs its --time-zone.") }
        if !isExpression, timeZone != nil {
            throw ValidationError("--time-zone goes with a cron expression; a schedule has its own.")
        }
    }

    func run() async throws {
        try await ScheduleOptions.answer(json: json) {
            let after = start?.date ?? Date()
            let time: LocalTime
            let instants: [Date]
            if let timeZone {
                time = try LocalTime(zone: timeZone)
                instants = try Array(FiringTimes(CronExpression(what), in: time, after: after).prefix(count))
            } else {
                let file = try options.read()
                guard let schedule = file.schedule(named: what) else { throw file.unknown(what) }
                time = schedule.time
                let folder = (file.path as NSString).deletingLastPathComponent
                instants = try ScheduleView.next(schedule, folder: folder, after: after, count: count)
                if !schedule.isEnabled { Output.error("note: \(what) is disabled: it would fire") }
            }
            if json {
                let list = instants.map { JSON.object(["at": .string($0.formatted(.iso8601)), "local": .string(time.text($0))]) }
                Output.result(JSON.array(list).text(.pretty))
            } else {
                Output.result(instants.map { "\(time.text($0))  \($0.formatted(.iso8601))" }.joined(separator: "\n"))
            }
        }
    }
}
