import Foundation
import Synchronization

/// The regular expressions of the contract, which are ECMA 262: there `\d` is an ASCII digit and `$` is the very end.
enum Pattern {
    private static let compiled = Mutex<[String: NSRegularExpression]>([:])

    static func matches(_ text: String, _ pattern: String) -> Bool {
        let expression = compiled.withLock { known -> NSRegularExpression? in
            if let expression = known[pattern] { return expression }
            var translated = pattern.replacingOccurrences(of: "\\d", with: "[0-9]")
            if translated.hasSuffix("$") { translated = translated.dropLast() + "\\z" }
            let expression = try? NSRegularExpression(pattern: translated)
            known[pattern] = expression
            return expression
        }
        // A pattern that does not compile is caught by a test over the whole contract.
        guard let expression else { return false }
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// The patterns of the contract in words.
    static func described(_ pattern: String) -> String {
        switch pattern {
        case "^\\d{2}/\\d{2}/\\d{4}$": "a date as dd/mm/yyyy"
        case "^#[0-9A-Fa-f]{6}$": "a colour as #RRGGBB"
        case "^[A-Za-z0-9_.]+:(asc|desc)$": "a field with its direction, such as createdAt:desc"
        case "^[A-Z0-9_]+:[A-Z0-9_]+$": "a pair of currencies, such as CLP:CLP"
        case "^\\d+$": "a row of digits"
        case let pattern where pattern.hasPrefix("^\\d{") && pattern.hasSuffix("}$"): "\(pattern.dropFirst(4).dropLast(2)) digits"
        default: "of the form \(pattern)"
        }
    }
}

/// The formats the contract names, as far as a text can be judged by itself.
enum Format {
    /// What belongs there, when `text` is not that.
    static func problem(_ text: String, _ format: String) -> String? {
        switch format {
        case "email":
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let plain = parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && !text.contains { $0.isWhitespace }
            return plain ? nil : "an e-mail address"
        case "uri":
            return Pattern.matches(text, "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$")
                ? nil : "a full URL, such as https://example.com/back"
        case "date-time":
            return Timestamp(text) == nil ? "a time as 2026-04-17T14:37:44Z" : nil
        case "uuid":
            return UUID(uuidString: text) == nil ? "a UUID" : nil
        default: return nil
        }
    }
}
