import ConomyAPI
public import ExactJSON

/// Something that goes wrong on purpose: at which calls, how, and whether the bank has acted by then.
///
///     {"operation": "payments.refund", "fault": "close", "when": "after", "calls": "3"}
///     {"operation": "*", "fault": "status", "status": 429, "retryAfter": "2", "probability": "0.05", "times": 10}
///     {"event": "payment.settled", "fault": "duplicate"}
///
/// Members of every fault:
/// - `operation`: a name of the catalogue, `auth`, or several with `*`: `payments.*`. Or `event`: a webhook's name, the same way.
/// - `fault`: see `Kind`.
/// - `calls`: which of the calls that fit, counted from 1 since the fault was ordered: `3`, `1-5`, `4-`, `2,7`. All where absent.
/// - `probability`: of those, how many: `"0.05"`. Drawn from the simulator's seed.
/// - `times`: at most so often.
/// - `when`: `before` or `after` the bank acted. Only some kinds have the choice.
public struct Fault: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The connection is closed without an answer. Before (default) or after.
        case close
        /// The connection is reset (RST) without an answer. Before (default) or after.
        case reset
        /// Nothing is answered for `seconds` (an hour), then the connection is closed. After (default) or before.
        case stall
        /// The answer comes, `milliseconds` or `seconds` late (one second); the bank acts after that time (`before`, default) or
        /// before it (`after`).
        case delay
        /// Another answer: `status` (503), with the API's error body of that status or of `code`, or with `body` (and `contentType`),
        /// and the header `Retry-After` where `retryAfter` says so. Before (default) or after.
        case status
        /// The answer's `body` is something else (an HTML page), or its members are changed by `patch`, a merge patch; `status` and
        /// `contentType` may be named. After (default) or before.
        case rubbish
        /// The body breaks off after `bytes` (half of it), and the connection is closed. After.
        case truncate
        /// The body comes at `bytesPerSecond` (100). After.
        case slow
        /// The access tokens of the tenant are over before this call, which is answered as such.
        case expireToken = "expire_token"
        /// The server goes down: all connections are reset, and new ones refused for `seconds` (1). Before.
        case refuse
        /// An event is delivered twice.
        case duplicate
        /// An event is delivered `seconds` (60) later than it would be, on the simulator's clock, so that others overtake it.
        case postpone
    }

    public let kind: Kind
    /// A name, or one with `*` in it.
    let pattern: String
    let isForEvents: Bool
    let isAfter: Bool
    let calls: CallNumbers?
    /// In millionths.
    let chance: UInt64?
    let times: Int?
    let duration: Duration
    let status: Int?
    let code: APIErrorCode?
    let retryAfter: String?
    let body: String?
    let contentType: String?
    let patch: JSON?
    let bytes: Int?
    /// As it was ordered.
    public let json: JSON

    /// - Parameter path: where the order stands, for errors.
    /// - Throws: `OrderError`.
    public init(_ json: JSON, path: String = "") throws(OrderError) {
        let own = ["operation", "event", "fault", "calls", "probability", "times"]
        let extra = [
            "when", "seconds", "milliseconds", "status", "code", "retryAfter", "body", "contentType", "patch", "bytes",
            "bytesPerSecond",
        ]
        let members = try Members(json, path, known: own + extra)
        guard let kind = try members.choice("fault", Kind.self) else { throw members.wrong("fault", "is missing") }
        for member in extra where members[member] != nil && !kind.members.contains(member) {
            throw members.wrong(
                member, "does not belong to \(kind.rawValue), which takes \(kind.members.joined(separator: ", "))")
        }
        self.json = json
        self.kind = kind
        isForEvents = kind == .duplicate || kind == .postpone
        let (target, other) = isForEvents ? ("event", "operation") : ("operation", "event")
        guard members[other] == nil else { throw members.wrong(other, "does not belong to \(kind.rawValue); it has \(target)") }
        let pattern = try members.needed(target)
        let operations = (Catalogue.conomy.operations + [Catalogue.conomy.authenticate]).map(\.name)
        let names = isForEvents ? Bank.events : operations
        if !names.contains(where: { Fault.fits(pattern[...], $0[...]) }) {
            let meant = closest(to: pattern, among: names).map { "; did you mean \($0)?" } ?? ""
            throw members.wrong(target, "is \"\(pattern)\", and no \(target) is called so\(meant)")
        }
        self.pattern = pattern
        isAfter = try members.choice("when", When.self).map { $0 == .after } ?? kind.isUsuallyAfter
        calls = try members["calls"].map { value throws(OrderError) in
            guard let calls = CallNumbers(value.string ?? value.integer.map(String.init) ?? "") else {
                throw members.wrong("calls", "is not written as 3, 1-5, 4- or 2,7")
            }
            return calls
        }
        chance = try members["probability"].map { value throws(OrderError) in
            guard let chance = Fault.millionths(value) else {
                throw members.wrong("probability", "is not a number from 0 to 1 with at most six decimals, such as \"0.05\"")
            }
            return chance
        }
        times = try members.whole("times", in: 0...1_000_000_000)
        let milliseconds = try members.whole("milliseconds", in: 0...86_400_000)
        let seconds = try members.whole("seconds", in: 0...31_536_000)
        duration = milliseconds.map { .milliseconds($0) } ?? seconds.map { .seconds($0) } ?? kind.usualDuration
        code = try members.choice("code", APIErrorCode.self)
        status = try members.whole("status", in: 200...599)
        retryAfter = try members.text("retryAfter")
        if let text = retryAfter, text.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) {
            throw members.wrong("retryAfter", "holds a character that no header may carry")
        }
        body = try members.text("body")
        contentType = try members.text("contentType")
        if let text = contentType, text.isEmpty || text.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) {
            throw members.wrong("contentType", "holds a character that no header may carry, or nothing")
        }
        patch = members["patch"]
        if let patch, patch.object == nil { throw members.wrong("patch", "is \(patch.kind) where an object belongs") }
        if patch != nil, body != nil { throw members.wrong("patch", "and body exclude each other") }
        bytes = try members.whole(kind == .slow ? "bytesPerSecond" : "bytes", in: (kind == .slow ? 1 : 0)...1_000_000_000)
    }

    private enum When: String, CaseIterable { case before, after }

    /// Reads a document `{"faults": [...]}`, or the bare list.
    /// - Throws: `OrderError` with the place of the first fault that cannot be ordered.
    public static func list(_ json: JSON) throws(OrderError) -> [Fault] {
        var list = json
        if json.object != nil { list = try Members(json, "", known: ["faults"])["faults"] ?? [] }
        guard let orders = list.array else { throw OrderError(path: "faults", problem: "is \(list.kind) where a list belongs") }
        var faults: [Fault] = []
        for (index, order) in orders.enumerated() { faults.append(try Fault(order, path: "faults[\(index + 1)]")) }
        return faults
    }

    /// True when the name of an operation or an event is meant.
    func concerns(_ name: String) -> Bool { Fault.fits(pattern[...], name[...]) }

    private static func fits(_ pattern: Substring, _ name: Substring) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return fits(pattern.dropFirst(), name) || (!name.isEmpty && fits(pattern, name.dropFirst()))
        }
        return name.first == first && fits(pattern.dropFirst(), name.dropFirst())
    }

    private static func millionths(_ value: JSON) -> UInt64? {
        let text: String
        switch value {
        case .string(let written), .decimal(let written): text = written
        case .integer(let number): text = String(number)
        default: return nil
        }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = UInt64(parts[0]), whole <= 1, !parts[0].hasPrefix("+") else { return nil }
        var fraction: UInt64 = 0
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let read = UInt64(digits + String(repeating: "0", count: 6 - digits.utf8.count))
            else { return nil }
            fraction = read
        }
        let result = whole * 1_000_000 + fraction
        return result <= 1_000_000 ? result : nil
    }
}

extension Fault.Kind {
    /// What it takes beyond the members of every fault.
    var members: [String] {
        switch self {
        case .close, .reset: ["when"]
        case .stall: ["when", "seconds"]
        case .delay: ["when", "seconds", "milliseconds"]
        case .status: ["when", "status", "code", "retryAfter", "body", "contentType"]
        case .rubbish: ["when", "status", "body", "contentType", "patch"]
        case .truncate: ["bytes"]
        case .slow: ["bytesPerSecond"]
        case .expireToken, .duplicate: []
        case .refuse, .postpone: ["seconds"]
        }
    }

    fileprivate var isUsuallyAfter: Bool {
        switch self {
        case .stall, .rubbish, .truncate, .slow: true
        default: false
        }
    }

    fileprivate var usualDuration: Duration {
        switch self {
        case .stall: .seconds(3600)
        case .postpone: .seconds(60)
        default: .seconds(1)
        }
    }
}

/// Which calls of a sequence, counted from 1: `3`, `1-5`, `4-`, `2,7`.
struct CallNumbers: Sendable, Hashable {
    private var ranges: [ClosedRange<Int>] = []

    init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = CallNumbers.number(ends[0]) else { return nil }
            if ends.count == 1 {
                ranges.append(first...first)
            } else if ends[1].isEmpty {
                ranges.append(first...Int.max)
            } else {
                guard let last = CallNumbers.number(ends[1]), last >= first else { return nil }
                ranges.append(first...last)
            }
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text).flatMap { $0 > 0 ? $0 : nil }
    }

    func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }
}
