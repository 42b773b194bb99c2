public import ConomyAPI
public import Foundation

/// Hours of the week, as people write them: `Mon-Fri 08:00-20:00`, `Sat 09:00-13:00`, several with commas.
public struct WeeklyHours: Sendable, Equatable, CustomStringConvertible {
    private struct Part: Sendable, Equatable {
        /// 0 is Monday.
        let days: Set<Int>
        /// Minutes of the day; the last one is not part of it.
        let minutes: Range<Int>
    }

    private let parts: [Part]
    /// As it was written.
    public let description: String

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// Nil when it is not understood. Hours do not pass midnight: two parts do.
    public init?(_ text: String) {
        var parts: [Part] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = piece.split(separator: " ")
            guard (1...2).contains(words.count), let hours = words.last, let minutes = WeeklyHours.minutes(hours),
                let days = words.count == 1 ? Set(0...6) : WeeklyHours.days(words[0])
            else { return nil }
            parts.append(Part(days: days, minutes: minutes))
        }
        self.parts = parts
        description = text
    }

    private static func days(_ text: Substring) -> Set<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { names.firstIndex(of: $0.lowercased()) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
        return first <= last ? Set(first...last) : Set(first...6).union(0...last)
    }

    private static func minutes(_ text: Substring) -> Range<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
        guard ends.count == 2, let first = ends[0], let last = ends[1], first < last else { return nil }
        return first..<last
    }

    /// `08:00`; `24:00` is the end of the day.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }

    /// - Parameter zone: whose clocks are meant.
    public func contains(_ instant: Timestamp, in zone: TimeZone) -> Bool {
        let seconds = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.millisecondsSince1970) / 1000))
        let minutes = instant.millisecondsSince1970 / 60_000 + Int64(seconds / 60)
        let ofDay = Int((minutes % 1440 + 1440) % 1440)
        // 1 January 1970 was a Thursday.
        let day = Int(((minutes - Int64(ofDay)) / 1440 % 7 + 7 + 3) % 7)
        return parts.contains { $0.days.contains(day) && $0.minutes.contains(ofDay) }
    }
}
