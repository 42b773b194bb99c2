import ConomyAPI
import Synchronization

/// What a rehearsal learned about its effects beside their answers: the overlay notes it, the plan and the report read it.
final class Findings: Sendable {
    /// Something that was read from the target, and that an effect rests on.
    struct Fact: Sendable, Hashable {
        /// A read of the catalogue, `payments.refund_summary`.
        let operation: String
        let pathParameters: [String: String]
        /// What the answer's members were, by their path: `summary.maxRefundable`. Nil for one that was not there.
        let values: [String: String?]
    }

    struct Notes: Sendable {
        /// What could not be known, one sentence each.
        var assumptions: [String] = []
        var facts: [Fact] = []
        /// Ids that the rehearsal gave out, by their path in the answer: the target will give out others.
        var minted: [String: String] = [:]
    }

    private let notes = Mutex<[String: Notes]>([:])

    func note(assumption: String, for key: String) {
        notes.withLock {
            guard $0[key]?.assumptions.contains(assumption) != true else { return }
            $0[key, default: Notes()].assumptions.append(assumption)
        }
    }

    func note(fact: Fact, for key: String) {
        notes.withLock {
            guard $0[key]?.facts.contains(fact) != true else { return }
            $0[key, default: Notes()].facts.append(fact)
        }
    }

    func note(minted id: String, at path: String, for key: String) {
        notes.withLock { $0[key, default: Notes()].minted[path] = id }
    }

    /// What was noted for an effect's key.
    subscript(key: String) -> Notes { notes.withLock { $0[key] ?? Notes() } }
}
