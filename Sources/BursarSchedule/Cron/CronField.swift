/// One of the five fields of a cron expression.
enum CronField: Int, CaseIterable, Sendable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    var title: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of the month"
        case .month: "month"
        case .dayOfWeek: "day of the week"
        }
    }

    /// What may be written. Sunday is 0 and 7.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// What `*` stands for.
    var every: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : range }

    /// Names in the order of their numbers.
    var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    /// `numbers from 1 to 12 or jan to dec`
    var allowed: String {
        let numbers = "numbers from \(range.lowerBound) to \(range.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers) or \(first) to \(last)"
    }
}

/// The values that one field of an expression has.
struct CronValues: Sendable, Equatable {
    /// Bit n is set when n is among them. Sunday is 0.
    private(set) var bits: UInt64 = 0
    /// The field begins with `*`, as `*` and `*/5` do: it restricts nothing, or only how often.
    let isOpen: Bool

    func contains(_ value: Int) -> Bool { bits & 1 << UInt64(value) != 0 }

    /// In rising order.
    var list: [Int] { (0..<64).filter(contains) }

    /// Reads `text`: a list of `*`, numbers, names and ranges, the first and the last with a step if need be.
    init(_ text: Substring, _ field: CronField) throws(ScheduleError) {
        isOpen = text.hasPrefix("*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try CronValues.values(of: item, field, in: text) {
                bits |= 1 << UInt64(field == .dayOfWeek ? value % 7 : value)
            }
        }
    }

    private static func values(
        of item: Substring, _ field: CronField, in text: Substring
    ) throws(ScheduleError) -> StrideThrough<Int> {
        func wrong(_ problem: String, _ hint: String) -> ScheduleError {
            ScheduleError(.cron, "the \(field.title) field \"\(text)\" \(problem)", hint: hint)
        }
        guard !item.isEmpty else {
            throw wrong("has an empty place in its list", "take the extra comma out")
        }
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw wrong("has two steps in \"\(item)\"", "write one, as in */5") }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        let range: ClosedRange<Int>
        if parts[0] == "*" {
            range = field.every
        } else if ends.count == 1 {
            let value = try number(ends[0], field, wrong)
            guard parts.count == 1 else {
                throw wrong(
                    "has a step after a single value in \"\(item)\"",
                    "write the range that it steps through: \(ends[0])-\(field.every.upperBound)/\(parts[1])")
            }
            range = value...value
        } else {
            guard ends.count == 2 else { throw wrong("has no range in \"\(item)\"", "write two ends, as in 1-5") }
            let first = try number(ends[0], field, wrong)
            var last = try number(ends[1], field, wrong)
            // A week that is written with names ends on a Sunday, too: sat-sun.
            if field == .dayOfWeek, last == 0, first > 0, ends[1].lowercased() == "sun" { last = 7 }
            guard first <= last else {
                throw wrong(
                    "runs backwards in \"\(item)\"",
                    "write two ranges: \(ends[0])-\(field.every.upperBound),\(field.every.lowerBound)-\(ends[1])")
            }
            range = first...last
        }
        guard parts.count == 2 else { return stride(from: range.lowerBound, through: range.upperBound, by: 1) }
        guard let step = digits(parts[1]), step > 0 else {
            throw wrong("has the step \"\(parts[1])\"", "a step is a whole number above 0")
        }
        // It would mean the first value alone, which nobody writes so.
        guard step <= range.upperBound - range.lowerBound else {
            throw wrong(
                "has the step \(step), which leaves nothing of \(range.lowerBound)-\(range.upperBound) but \(range.lowerBound)",
                "write \(range.lowerBound), or a smaller step")
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step)
    }

    private static func number(
        _ text: Substring, _ field: CronField, _ wrong: (String, String) -> ScheduleError
    ) throws(ScheduleError) -> Int {
        if let index = field.names.firstIndex(of: text.lowercased()) { return index + field.every.lowerBound }
        guard let number = digits(text), field.range.contains(number) else {
            throw wrong("has \"\(text)\"", "it takes \(field.allowed), and * , - /")
        }
        return number
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.utf8.count <= 4 ? Int(text) : nil
    }
}
