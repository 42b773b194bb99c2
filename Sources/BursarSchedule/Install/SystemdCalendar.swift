public import Foundation

/// A cron expression as systemd's `OnCalendar=`.
///
/// A calendar event of systemd must fit in all its parts, so the two day fields of cron become two events where either may fit.
///
/// Where the clocks are changed, systemd leaves out a time that does not exist, and the second of two that are the same; Bursar does
/// not (see `FiringTimes`). For those there are further events in UTC. On the other days of their months they wake Bursar for nothing:
/// it knows which slots are due.
public struct SystemdCalendar: Sendable {
    /// Each is the value of one `OnCalendar=`.
    public let events: [String]

    /// - Parameter now: changes of the clocks are looked for in the ten years from here.
    public init(_ expression: CronExpression, in time: LocalTime, now: Date) {
        let clock =
            "\(SystemdCalendar.list(expression.hours, 24)):\(SystemdCalendar.list(expression.minutes, 60)):00 \(time.name)"
        let month = SystemdCalendar.list(expression.months, 12)
        let day = SystemdCalendar.list(expression.daysOfMonth, 31)
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let days = expression.daysOfWeek.list
        let week = days.count == 7 ? "" : days.map { names[$0] }.joined(separator: ",") + " "
        events =
            (expression.firesEitherDay
                ? ["*-\(month)-\(day) \(clock)", "\(week)*-\(month)-* \(clock)"] : ["\(week)*-\(month)-\(day) \(clock)"])
            + SystemdCalendar.changes(expression, time, now)
    }

    private static func list(_ values: CronValues, _ count: Int) -> String {
        values.list.count == count ? "*" : values.list.map(two).joined(separator: ",")
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    /// What systemd would not fire at.
    private static func changes(_ expression: CronExpression, _ time: LocalTime, _ now: Date) -> [String] {
        var minutes: [Int: Set<Int>] = [:]
        var months: [Int: Set<Int>] = [:]
        let end = now + 3660 * 86_400
        var from = now
        while let change = time.zone.nextDaylightSavingTimeTransition(after: from), change < end {
            let firings = FiringTimes(expression, in: time, after: change - 2 * 86_400).prefix { $0 < change + 2 * 86_400 }
            for instant in firings.map({ Int($0.timeIntervalSince1970) }) where isLeftOut(instant, expression, time) {
                let hour = instant / 3600 % 24
                minutes[hour, default: []].insert(instant / 60 % 60)
                months[hour, default: []].insert(CivilDate(number: instant / 86_400).month)
            }
            from = change
        }
        return minutes.keys.sorted().map { hour in
            func text(_ numbers: Set<Int>?) -> String { (numbers ?? []).sorted().map(two).joined(separator: ",") }
            return "*-\(text(months[hour]))-* \(two(hour)):\(text(minutes[hour])):00 UTC"
        }
    }

    private static func isLeftOut(_ instant: Int, _ expression: CronExpression, _ time: LocalTime) -> Bool {
        let shown = instant + time.offset(at: instant)
        let date = CivilDate(number: shown / 86_400)
        // It stands for a time that does not exist.
        guard expression.fires(on: date), expression.minutesOfDay.contains(shown / 60 % 1440) else { return true }
        if case .twice(_, let second) = time.occurrence(of: date, second: shown % 86_400) { return instant == second }
        return false
    }
}
