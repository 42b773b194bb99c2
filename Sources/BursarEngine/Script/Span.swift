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
}
