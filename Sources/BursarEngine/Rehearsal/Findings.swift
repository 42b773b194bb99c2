import ExactJSON
import Synchronization

/// What a rehearsal learns about each effect beside its answer: what it rested on, and what could not be known.
final class Findings: Sendable {
    /// Something that was read of the target and decided what an effect would do. Reading it again is cheap and shows whether it
    /// still holds.
    struct Fact: Sendable, Hashable {
        /// The read: `payments.refund_summary`.
        let operation: String
        let pathParameters: [String: String]
        /// The members that mattered, by their path in the answer (`status`, `summary.maxRefundable`), as canonical JSON; `null` where
        /// there was none. Empty for an object that is not there (404).
        let values: [String: String]
        /// True where the object has to be absent.
        let isAbsence: Bool
    }

    struct Finding: Sendable, Equatable {
        var facts: [Fact] = []
        /// A sentence each: what only the provider or a person decides.
        var assumptions: [String] = []
    }

    private let byKey = Mutex<[String: Finding]>([:])

    /// Notes what an effect rests on, in the order it was found.
    /// - Parameter key: the effect's.
    func note(_ finding: Finding, for key: String) {
        byKey.withLock { all in
            all[key, default: Finding()].facts += finding.facts
            all[key, default: Finding()].assumptions += finding.assumptions
        }
    }

    /// What was found of an effect; it is kept no longer.
    func take(_ key: String) -> Finding { byKey.withLock { $0.removeValue(forKey: key) } ?? Finding() }
}
