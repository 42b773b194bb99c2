/// An instant as the API writes it: ISO 8601 in UTC, to the millisecond.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var millisecondsSince1970: Int64

    public init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    /// Reads `2026-04-17T14:37:44Z`, with an optional fraction of a second and `Z` or an offset such as `-03:00`.
    public init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func digits(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return value
        }
        func take(_ accepted: String) -> UInt8? {
            guard let byte = rest.first, accepted.utf8.contains(byte) else { return nil }
            rest = rest.dropFirst()
            return byte
        }
        guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil, let day = digits(2),
            take("Tt ") != nil,
            let hour = digits(2), take(":") != nil, let minute = digits(2), take(":") != nil, let second = digits(2),
            (1...12).contains(month), (1...daysOfMonth(month, year)).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var milliseconds = 0
        if take(".") != nil {
            var scale = 100
            var any = false
            while let digit = digits(1) {
                any = true
                milliseconds += digit * scale
                scale /= 10
            }
            guard any else { return nil }
        }
        var offsetMinutes = 0
        if let sign = take("+-") {
            guard let hours = digits(2), take(":") != nil, let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
        } else if take("Zz") == nil {
            return nil
        }
        guard rest.isEmpty else { return nil }
        let seconds = (daysSince1970(year, month, day) * 24 + hour) * 3600 + (minute - offsetMinutes) * 60 + second
        millisecondsSince1970 = Int64(seconds) * 1000 + Int64(milliseconds)
    }

    /// The start of a day in UTC; nil when there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (0...9999).contains(year), (1...daysOfMonth(month, year)).contains(day) else {
            return nil
        }
        millisecondsSince1970 = Int64(daysSince1970(year, month, day)) * 86_400_000
    }

    public func adding(milliseconds: Int64) -> Timestamp {
        Timestamp(millisecondsSince1970: millisecondsSince1970 + milliseconds)
    }

    /// `2026-04-17T14:37:44Z`; milliseconds are written where there are any.
    public var description: String {
        let (year, month, day) = date
        let ofDay = Int(floorRemainder(millisecondsSince1970, 86_400_000))
        let time = "\(two(ofDay / 3_600_000)):\(two(ofDay / 60_000 % 60)):\(two(ofDay / 1000 % 60))"
        let milliseconds = ofDay % 1000
        let fraction = milliseconds == 0 ? "" : "." + String(String(1000 + milliseconds).dropFirst())
        return "\(String(String(10_000 + year).suffix(4)))-\(two(month))-\(two(day))T\(time)\(fraction)Z"
    }

    /// The day in UTC.
    public var date: (year: Int, month: Int, day: Int) {
        // Civil-from-days over 400-year eras that start on 1 March.
        let days = Int((millisecondsSince1970 - floorRemainder(millisecondsSince1970, 86_400_000)) / 86_400_000) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let ofEra = days - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * ofYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shifted + 2) / 5 + 1)
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.millisecondsSince1970 < b.millisecondsSince1970 }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

private func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
}

private func daysOfMonth(_ month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468
}
