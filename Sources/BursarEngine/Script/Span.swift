import ExactJSON

/// Reads a length of time as scripts and flags write it: `30`, `"250ms"`, `"10m"`, `"2h"`.
public enum Span {
    /// Nil when it is no length of time from 0 to 30 days.
    public static func read(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count)
        let milliseconds: Int
        switch unit {
        case "ms": milliseconds = 1
        case "", "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int(parts[0]), whole <= 30 * 86_400_000 else { return nil }
        var total = whole * milliseconds
        if parts.count == 2 {
            guard let fraction = Int(parts[1]), parts[1].count <= 3 else { return nil }
            let scale = [1, 10, 100, 1000][parts[1].count]
            total += fraction * milliseconds / scale
        }
        guard total <= 30 * 86_400_000 else { return nil }
        return .milliseconds(total)
    }

    static func read(_ value: JSON) -> Duration? {
        switch value {
        case .integer(let seconds): read(String(max(-1, seconds)))
        case .decimal(let text): read(text)
        case .string(let text): read(text)
        default: nil
        }
    }

    /// The same for people: `40 s`, `15 min`, `2 h 5 min`.
    public static func words(_ span: Duration) -> String {
        let seconds = span.components.seconds
        func both(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
            small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
        }
        if seconds >= 7200 { return both(seconds / 3600, "h", seconds / 60 % 60, "min") }
        if seconds >= 60 { return both(seconds / 60, "min", seconds % 60, "s") }
        return seconds == 0 && span > .zero ? "\(span.components.attoseconds / 1_000_000_000_000_000) ms" : "\(seconds) s"
    }
}
