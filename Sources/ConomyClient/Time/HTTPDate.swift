public import ConomyAPI

/// Dates as HTTP writes them, in the three forms of RFC 9110 that a reader must know.
public enum HTTPDate {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    /// - Parameter now: decides the century of a year in two digits: it is the last one that is not more than 50 years ahead.
    public static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" })
        if words.count == 6, words[5] == "GMT" {
            return date(day: words[1], month: words[2], year: words[3], time: words[4], now)
        }
        if words.count == 4, words[3] == "GMT" {
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            return date(day: parts[0], month: parts[1], year: parts[2], time: words[2], now)
        }
        if words.count == 5 { return date(day: words[2], month: words[1], year: words[4], time: words[3], now) }
        return nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func date(
        day: Substring, month: Substring, year: Substring, time: Substring, _ now: Timestamp
    ) -> Timestamp? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let day = number(day, 1...2), let month = months.firstIndex(of: String(month)), var year = number(year, 2...4),
            clock.count == 3,
            let hour = number(clock[0], 2...2), let minute = number(clock[1], 2...2), let second = number(clock[2], 2...2),
            hour < 24, minute < 60, second < 61
        else { return nil }
        if year < 100 {
            let thisYear = now.date.year
            year += thisYear - thisYear % 100
            if year > thisYear + 50 { year -= 100 }
        }
        return Timestamp(year: year, month: month + 1, day: day)?
            .adding(milliseconds: Int64((hour * 60 + minute) * 60 + second) * 1000)
    }

    private static func number(_ text: Substring, _ digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }
}
