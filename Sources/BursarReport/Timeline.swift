public import ConomyAPI

/// How many effects came to what, over a run's time. Of bounded size, however long the run: its steps grow wider.
public struct Timeline: Sendable {
    public enum Kind: Int, CaseIterable, Sendable {
        case settled
        /// The API said no, it could not be sent, or it did not happen.
        case failed
        /// It may or may not have happened.
        case open
    }

    public struct Step: Sendable, Equatable {
        var counts = [Int](repeating: 0, count: Kind.allCases.count)

        public subscript(kind: Kind) -> Int { counts[kind.rawValue] }
        public var total: Int { counts.reduce(0, +) }
    }

    /// The most steps there are.
    static let most = 120
    public let start: Timestamp
    /// The length of a step, in seconds.
    public private(set) var stepSeconds = 1
    /// From the start to the last effect.
    public private(set) var steps: [Step] = []

    public init(from start: Timestamp) { self.start = start }

    /// - Parameter instant: when it became known; one before the start counts as the start.
    public mutating func add(_ kind: Kind, at instant: Timestamp) {
        let seconds = max(0, Int(clamping: (instant.millisecondsSince1970 - start.millisecondsSince1970) / 1000))
        while seconds / stepSeconds >= Timeline.most { widen() }
        let index = seconds / stepSeconds
        while steps.count <= index { steps.append(Step()) }
        steps[index].counts[kind.rawValue] += 1
    }

    private mutating func widen() {
        stepSeconds *= 2
        steps = stride(from: 0, to: steps.count, by: 2).map { index in
            var step = steps[index]
            if index + 1 < steps.count {
                for kind in Kind.allCases { step.counts[kind.rawValue] += steps[index + 1][kind] }
            }
            return step
        }
    }
}
