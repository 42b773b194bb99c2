import BursarEngine
import BursarSchedule
import ExactJSON
import Foundation

/// Schedules as people and programs read them.
enum ScheduleView {
    /// The next slots, without those on dates that are left out.
    ///
    /// - Parameter folder: of the schedules.
    /// - Throws: `RunFailure` or `ScheduleError` when the file of dates is wrong.
    static func next(_ schedule: Schedule, folder: String, after instant: Date, count: Int) throws -> [Date] {
        let holidays = try holidays(schedule, folder: folder)
        // A schedule all of whose dates are left out ends the search, too.
        return Array(
            FiringTimes(schedule.cron, in: schedule.time, after: instant).prefix(600_000).lazy
                .filter { !holidays.contains(schedule.time.date(at: $0)) }.prefix(count))
    }

    static func holidays(_ schedule: Schedule, folder: String) throws -> Holidays {
        guard let name = schedule.leaveOut else { return Holidays() }
        let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw RunFailure(.invalid, "the dates that \(schedule.name) leaves out cannot be read from \(path)")
        }
        return try Holidays(text: text, path: path)
    }

    /// - Parameter last: what became of its last slot; nil where it had none.
    static func text(_ schedule: Schedule, next: [Date], last: String?, width: Int) -> String {
        var fields = FieldLines(width: width)
        fields.add("when", "\(schedule.cron) in \(schedule.time.name)")
        let words = ([schedule.script] + schedule.arguments).map(ShellText.quoted).joined(separator: " ")
        fields.add("script", "\(words) in \(schedule.environment)")
        var settings = ["overlap \(schedule.overlap.rawValue)"]
        settings.append(
            schedule.missed == .none
                ? "missed none" : "missed \(schedule.missed.rawValue) within \(Span.words(schedule.missedWithin))")
        if schedule.jitter > .zero { settings.append("jitter up to \(Span.words(schedule.jitter))") }
        if let limit = schedule.timeLimit { settings.append("stopped after \(Span.words(limit))") }
        if let file = schedule.leaveOut { settings.append("leaves out \(file)") }
        fields.add("policy", settings.joined(separator: "; "))
        fields.add("last", last)
        fields.add(
            "next",
            schedule.isEnabled
                ? next.isEmpty ? "never" : next.map(schedule.time.text).joined(separator: "; ") : "never: it is disabled")
        return ([schedule.name] + fields.lines).joined(separator: "\n")
    }

    static func json(_ schedule: Schedule, next: [Date], last: ScheduleStatus.Row?) -> JSON {
        var object: JSONObject = [
            "name": .string(schedule.name), "enabled": .bool(schedule.isEnabled), "cron": .string(schedule.cron.description),
            "time_zone": .string(schedule.time.name), "script": .string(schedule.script),
            "arguments": .array(schedule.arguments.map(JSON.string)), "environment": .string(schedule.environment),
            "overlap": .string(schedule.overlap.rawValue), "missed": .string(schedule.missed.rawValue),
            "missed_within_seconds": .integer(Int(schedule.missedWithin.components.seconds)),
            "jitter_seconds": .integer(Int(schedule.jitter.components.seconds)),
        ]
        object["time_limit_seconds"] = schedule.timeLimit.map { .integer(Int($0.components.seconds)) }
        object["leave_out"] = schedule.leaveOut.map(JSON.string)
        object["last"] = last.map { $0.json(schedule.time) }
        object["next"] = .array(next.map { .string($0.formatted(.iso8601)) })
        return .object(object)
    }
}
