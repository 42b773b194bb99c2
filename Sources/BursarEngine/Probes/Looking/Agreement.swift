import ConomyAPI
import ExactJSON

/// Does a member read back as it was sent?
enum Agreement: Sendable {
    case same
    /// The answer does not show it: neither a yes nor a no.
    case hidden
    case different

    /// - Parameter name: the member's name: amounts are compared as numbers, `150` is `150.00`, and times as instants.
    init(sent: JSON, shown: JSON?, name: String = "") {
        guard let shown, !shown.isNull else {
            // Nothing was asked for, and there is nothing.
            self = sent.isNull || sent == .array([]) || sent == .object([:]) ? .same : .hidden
            return
        }
        switch (sent, shown) {
        case (.object(let members), .object(let others)):
            self = Agreement.all(members.members.map { Agreement(sent: $0.value, shown: others[$0.key], name: $0.key) })
        case (.array(let items), .array(let others)):
            self =
                items.count == others.count
                ? Agreement.all(zip(items, others).map { Agreement(sent: $0, shown: $1, name: name) }) : .different
        case (.string(let text), .string(let other)):
            self = text == other || Agreement.isSameValue(text, other, name) ? .same : .different
        default: self = sent == shown ? .same : .different
        }
    }

    /// One member that differs is a difference; one that is hidden hides.
    static func all(_ parts: [Agreement]) -> Agreement {
        parts.contains(.different) ? .different : parts.contains(.hidden) ? .hidden : .same
    }

    private static func isSameValue(_ a: String, _ b: String, _ name: String) -> Bool {
        if name.lowercased().hasSuffix("amount") || name == "value" { return isSameAmount(a, b) }
        if name.hasSuffix("At"), let a = Timestamp(a), let b = Timestamp(b) { return a == b }
        return false
    }

    /// Compares decimal texts as numbers; texts that are no amounts are equal to nothing.
    static func isSameAmount(_ a: String, _ b: String) -> Bool {
        // No currency has more decimals than this one, and no amount is rounded.
        guard let a = try? Money(a, Currency("USDC")), let b = try? Money(b, Currency("USDC")) else { return false }
        return a == b
    }
}
