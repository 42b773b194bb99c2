import ConomyAPI

/// How long a server asks its callers to wait.
enum RetryAfter {
    /// Reads the header: seconds, with a fraction if need be, or a date in one of the three forms of HTTP.
    ///
    /// Nil, and so the caller's own backoff, where it says nothing to go by: rubbish, a negative number, zero, a date that has
    /// passed.
    /// - Parameters:
    ///   - serverDate: the answer's own `Date`; a named date is measured against it, so that clocks need not agree.
    static func parse(_ text: String, serverDate: String?, now: Timestamp) -> Duration? {
        let text = text.trimmingSpaces()
        if let seconds = seconds(text) { return seconds > 0 ? .seconds(seconds) : nil }
        guard let due = HTTPDate.parse(text, now: now) else { return nil }
        let base = serverDate.flatMap { HTTPDate.parse($0, now: now) } ?? now
        let wait = due.millisecondsSince1970 - base.millisecondsSince1970
        return wait > 0 ? .milliseconds(wait) : nil
    }

    /// Whole seconds, rounded up; a number too long to be one is as good as for ever.
    private static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }) else { return nil }
        let forever = 1_000_000_000
        guard let whole = Int(parts[0]), whole < forever else { return forever }
        return parts.count == 2 && parts[1].contains(where: { $0 != "0" }) ? whole + 1 : whole
    }
}

extension String {
    func trimmingSpaces() -> String {
        var rest = self[...]
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
