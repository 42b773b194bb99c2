public import Foundation

/// What the clocks on the wall of a time zone show.
///
/// Instants are whole seconds since 1970.
public struct LocalTime: Sendable, Equatable {
    /// As the tz database has it.
    public let name: String
    public let zone: TimeZone

    /// - Throws: `ScheduleError` unless `name` is a name of the tz database, such as America/Santiago, or UTC.
    public init(zone name: String) throws(ScheduleError) {
        // What else Foundation takes (GMT+3, PST) has no daylight saving time, or names a zone that is not the expected one.
        guard name == "UTC" || name.contains("/") && !name.contains("+"), let zone = TimeZone(identifier: name),
            zone.identifier == name || TimeZone.knownTimeZoneIdentifiers.contains(name) || name == "UTC"
        else {
            let city = name.split(separator: "/").last.map { $0.lowercased().replacing(" ", with: "_") } ?? ""
            let near = TimeZone.knownTimeZoneIdentifiers.first { $0.lowercased().hasSuffix("/" + city) }
            throw ScheduleError(
                .timeZone, "there is no time zone \"\(name)\"",
                hint: near.map { "did you mean \($0)?" } ?? "write a name such as America/Santiago, Europe/Berlin or UTC")
        }
        self.name = name
        self.zone = zone
    }

    /// Seconds that local time is ahead of UTC.
    func offset(at instant: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }

    /// The date there at an instant.
    public func date(at instant: Date) -> CivilDate {
        let seconds = Int(instant.timeIntervalSince1970.rounded(.down))
        return CivilDate(number: LocalTime.floored(seconds + offset(at: seconds), by: 86_400))
    }

    /// `2026-04-05 03:30 -03:00`
    public func text(_ instant: Date) -> String {
        let seconds = Int(instant.timeIntervalSince1970.rounded(.down))
        let offset = offset(at: seconds)
        let day = LocalTime.floored(seconds + offset, by: 86_400)
        let ofDay = seconds + offset - day * 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let ahead = abs(offset)
        return "\(CivilDate(number: day)) \(two(ofDay / 3600)):\(two(ofDay / 60 % 60)) "
            + "\(offset < 0 ? "-" : "+")\(two(ahead / 3600)):\(two(ahead / 60 % 60))"
    }

    /// How often a time of day occurs on a date, and when.
    enum Occurrence: Equatable {
        case once(Int)
        /// The clocks were put back over it.
        case twice(Int, Int)
        /// The clocks were put forward over it; with the first instant after the gap.
        case never(next: Int)
    }

    /// The offset on a date on which it does not change; nil around a change.
    func steadyOffset(on date: CivilDate) -> Int? {
        let start = date.number * 86_400
        let before = offset(at: start - LocalTime.day)
        return before == offset(at: start + 2 * LocalTime.day) ? before : nil
    }

    /// - Parameter second: of the day, as the clocks show it.
    func occurrence(of date: CivilDate, second: Int) -> Occurrence {
        let shown = date.number * 86_400 + second
        // Wherever on earth, the instant lies within a day of the same reading in UTC, and an offset changes at most once in two.
        let before = offset(at: shown - LocalTime.day)
        let after = offset(at: shown + LocalTime.day)
        let candidates = [shown - max(before, after), shown - min(before, after)].filter { offset(at: $0) == shown - $0 }
        switch candidates.count {
        case 0: return .never(next: change(between: shown - LocalTime.day, and: shown + LocalTime.day))
        case 1: return .once(candidates[0])
        default: return candidates[0] == candidates[1] ? .once(candidates[0]) : .twice(candidates[0], candidates[1])
        }
    }

    /// The first second of the offset that holds at `end`.
    private func change(between start: Int, and end: Int) -> Int {
        var (low, high) = (start, end)
        let later = offset(at: end)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(at: middle) == later { high = middle } else { low = middle }
        }
        return high
    }

    private static let day = 86_400

    private static func floored(_ value: Int, by divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }
}
