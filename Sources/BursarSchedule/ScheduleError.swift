/// Something about a schedule is wrong: its cron expression, its time zone, a file.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of mistake it is; stable.
    public enum Code: String, Sendable {
        case cron = "invalid_cron"
        case timeZone = "unknown_time_zone"
        case holidays = "invalid_holidays"
        case file = "invalid_schedules"
        case name = "invalid_name"
        case crontab = "damaged_crontab"
        case install = "invalid_path"
    }

    public let code: Code
    /// What is wrong, with the value.
    public let message: String
    /// What to do; nil where the message says it.
    public let hint: String?
    /// `schedules.yaml:12`; nil where there is no file.
    public var place: String?

    public init(_ code: Code, _ message: String, hint: String? = nil, place: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place
    }

    public var description: String { (place.map { $0 + ": " } ?? "") + message + (hint.map { "; " + $0 } ?? "") }

    /// The same mistake, found in a file.
    func at(_ place: String) -> ScheduleError { ScheduleError(code, message, hint: hint, place: place) }
}
