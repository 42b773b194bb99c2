public import ConomyAPI
import Synchronization

/// All effects of one run: counted and summed as they happen, the first of them kept for the report.
///
/// Memory stays flat however many there are: beyond `kept` only counts and sums grow.
public final class EffectLedger: Sendable {
    /// One line of the summary: what was asked, and what became of it.
    public struct Tally: Sendable {
        public let operation: String
        public let state: Effect.State
        /// True for what earlier runs of the job did.
        public let isRecorded: Bool
        public fileprivate(set) var count = 0
        public fileprivate(set) var totals = Totals()
    }

    public struct Snapshot: Sendable {
        /// The first effects, in the order they ended.
        public fileprivate(set) var effects: [Effect] = []
        /// The first that were, or would be, declined or refused, or are in doubt.
        public fileprivate(set) var notDone: [Effect] = []
        /// One tally an operation, state and origin, in the order they first appeared.
        public fileprivate(set) var tallies: [Tally] = []
        /// Calls that only read.
        public fileprivate(set) var reads = 0

        public var count: Int { tallies.reduce(0) { $0 + $1.count } }

        public func count(_ state: Effect.State) -> Int { tallies.reduce(0) { $1.state == state ? $0 + $1.count : $0 } }

        /// The money of everything that settled, or that a rehearsal assumes would.
        public var totals: Totals {
            var sum = Totals()
            for tally in tallies where tally.state == .settled || tally.state == .assumed {
                for amount in tally.totals.amounts { sum.add(amount) }
            }
            return sum
        }
    }

    private let state = Mutex(Snapshot())
    private let kept: Int

    public init(kept: Int = 1000) { self.kept = kept }

    public var snapshot: Snapshot { state.withLock { $0 } }

    func countRead() { state.withLock { $0.reads += 1 } }

    func record(_ effect: Effect) {
        state.withLock { state in
            if state.effects.count < kept { state.effects.append(effect) }
            if effect.state != .settled, effect.state != .assumed, state.notDone.count < kept { state.notDone.append(effect) }
            let index =
                state.tallies.firstIndex {
                    $0.operation == effect.operation && $0.state == effect.state && $0.isRecorded == effect.isRecorded
                }
                ?? {
                    state.tallies.append(
                        Tally(operation: effect.operation, state: effect.state, isRecorded: effect.isRecorded))
                    return state.tallies.count - 1
                }()
            state.tallies[index].count += 1
            if let amount = effect.amount { state.tallies[index].totals.add(amount) }
        }
    }
}
