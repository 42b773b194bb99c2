/// When a schedule fires, as cron has it: minute, hour, day of the month, month, day of the week.
///
/// Fields take `*`, numbers, names (`jan`, `mon`), ranges, lists and steps (`*/5`, `8-18/2`). `@yearly`, `@annually`, `@monthly`,
/// `@weekly`, `@daily`, `@midnight` and `@hourly` stand for what cron has them stand for.
///
/// Days follow the rule of Vixie's cron: where both day fields are restricted, a day that fits *either* fires; a day field that begins
/// with `*` is not restricted, and then *both* must fit. So `0 9 1,15 * fri` is the 1st, the 15th and every Friday.
public struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    /// As it was written, with single spaces.
    public let description: String
    let minutes: CronValues
    let hours: CronValues
    let daysOfMonth: CronValues
    let months: CronValues
    let daysOfWeek: CronValues

    private static let macros = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// - Throws: `ScheduleError` that names the field and what it takes; also when no date ever fits.
    public init(_ text: String) throws(ScheduleError) {
        let words = text.split { $0 == " " || $0 == "\t" }
        description = words.joined(separator: " ")
        let fields: [Substring]
        if words.count == 1, words[0].hasPrefix("@") {
            fields = try CronExpression.fields(ofMacro: words[0].lowercased())
        } else {
            fields = words
        }
        guard fields.count == 5 else {
            throw ScheduleError(
                .cron, "the cron expression \"\(description)\" has \(fields.count == 1 ? "1 field" : "\(fields.count) fields")",
                hint: "five belong there: minute, hour, day of the month, month, day of the week, as in 30 3 * * 1-5"
                    + (fields.count > 5 ? "; there are no seconds and no years" : ""))
        }
        minutes = try CronValues(fields[0], .minute)
        hours = try CronValues(fields[1], .hour)
        daysOfMonth = try CronValues(fields[2], .dayOfMonth)
        months = try CronValues(fields[3], .month)
        daysOfWeek = try CronValues(fields[4], .dayOfWeek)
        guard firesEitherDay || months.list.contains(where: { CivilDate.longest(month: $0) >= daysOfMonth.list[0] }) else {
            throw ScheduleError(
                .cron, "the cron expression \"\(description)\" never fires: no such month has a day \(daysOfMonth.list[0])",
                hint: "change the day of the month or the month")
        }
    }

    private static func fields(ofMacro name: String) throws(ScheduleError) -> [Substring] {
        if let fields = macros[name] { return fields.split(separator: " ") }
        if name == "@reboot" {
            throw ScheduleError(.cron, "@reboot is no time of day", hint: "a slot needs an instant; write five fields")
        }
        throw ScheduleError(
            .cron, "\(name) is not known", hint: "there are \(macros.keys.sorted().joined(separator: ", ")), or five fields")
    }

    /// A day fires when either of its fields fits; otherwise both must.
    var firesEitherDay: Bool { !daysOfMonth.isOpen && !daysOfWeek.isOpen }

    /// Follows the wall clock through a change of the time zone's offset; see `FiringTimes`.
    var followsWallClock: Bool { minutes.isOpen || hours.isOpen }

    func fires(on date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let ofMonth = daysOfMonth.contains(date.day)
        let ofWeek = daysOfWeek.contains(date.weekday)
        return firesEitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
    }

    /// The minutes of a day at which it fires, in rising order.
    var minutesOfDay: [Int] { hours.list.flatMap { hour in minutes.list.map { hour * 60 + $0 } } }
}
