import Foundation

/// Dates on which a schedule has no slots.
///
/// A file of them has one a line: `2026-09-18`, a range `2026-09-18..2026-09-20`, or `12-25` for every year. What follows a `#` is
/// for people.
public struct Holidays: Sendable, Equatable {
    private var ranges: [ClosedRange<CivilDate>] = []
    /// Month and day, of every year.
    private var yearly: Set<[Int]> = []

    /// None.
    public init() {}

    /// - Throws: `ScheduleError` with file and line.
    public init(text: String, path: String) throws(ScheduleError) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let entry = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
            guard !entry.isEmpty else { continue }
            func wrong(_ hint: String) -> ScheduleError {
                ScheduleError(.holidays, "\"\(entry)\" is no date", hint: hint, place: "\(path):\(index + 1)")
            }
            if let dots = entry.range(of: "..") {
                guard let first = CivilDate(entry[..<dots.lowerBound]), let last = CivilDate(entry[dots.upperBound...]),
                    first <= last
                else { throw wrong("a range is two dates, the earlier one first: 2026-09-18..2026-09-20") }
                ranges.append(first...last)
            } else if let date = CivilDate(entry) {
                ranges.append(date...date)
            } else if let date = CivilDate("2000-" + entry) {
                yearly.insert([date.month, date.day])
            } else {
                throw wrong("write 2026-12-25, or 12-25 for every year, or a range 2026-09-18..2026-09-20")
            }
        }
    }

    public func contains(_ date: CivilDate) -> Bool {
        yearly.contains([date.month, date.day]) || ranges.contains { $0.contains(date) }
    }
}
