import ExactJSON

/// How many rows of a loop may fail: a number of rows, or a share of them.
public enum FailureBound: Sendable, Equatable {
    case count(Int)
    case percent(Int)

    /// Reads `10` or `10%`.
    public init?(_ text: String) {
        guard text.utf8.first.map({ $0 >= 0x30 && $0 <= 0x39 }) == true else { return nil }
        if text.hasSuffix("%") {
            guard let percent = Int(text.dropLast()), percent <= 100 else { return nil }
            self = .percent(percent)
        } else {
            guard let count = Int(text) else { return nil }
            self = .count(count)
        }
    }

    /// Reads `10` or `"10%"`.
    init?(_ value: JSON) {
        switch value {
        case .integer(let count) where count >= 0: self = .count(count)
        case .string(let text) where text.hasSuffix("%"): self.init(text)
        default: return nil
        }
    }

    /// True when more rows failed than are allowed. A share is of the rows there are, or of those done where that is not known.
    func isPassed(by failed: Int, of total: Int) -> Bool {
        switch self {
        case .count(let most): failed > most
        case .percent(let percent): failed * 100 > total * percent
        }
    }
}
