import ConomyAPI
import Synchronization

/// A plan while it is applied: its effects by key, and what has become of them.
final class AppliedPlan: Sendable {
    private struct State {
        var met: Set<String> = []
        var settled = 0
        var declined = 0
        var drifted = 0
        var left = 0
        /// Where something did not go as planned: rows, and nil for what is outside of rows.
        var troubled: Set<String?> = []
    }

    let file: PlanFile
    let identifiers = Identifiers()
    private let effects: [String: PlannedEffect]
    private let state = Mutex(State())

    init(_ file: PlanFile) {
        self.file = file
        effects = Dictionary(file.plan.effects.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(key: String) -> PlannedEffect? { effects[key] }

    /// False when the effect has come before in this run.
    func meet(_ key: String) -> Bool { state.withLock { $0.met.insert(key).inserted } }

    /// What became of an effect that was to be done.
    enum Outcome { case settled, declined, drifted, left }

    func count(_ outcome: Outcome, of effect: PlannedEffect) {
        state.withLock { state in
            if outcome != .settled { state.troubled.insert(effect.row) }
            switch outcome {
            case .settled: state.settled += 1
            case .declined: state.declined += 1
            case .drifted: state.drifted += 1
            case .left: state.left += 1
            }
        }
    }

    /// Effects that were to be done and never came, although nothing stood in their way.
    var missing: [String] {
        let (met, troubled) = state.withLock { ($0.met, $0.troubled) }
        guard !troubled.contains(nil) else { return [] }
        return file.plan.effects.filter { $0.state == .assumed && !met.contains($0.key) && !troubled.contains($0.row) }.map(\.key)
    }

    var report: AppliedReport {
        state.withLock { state in
            AppliedReport(
                seal: file.seal, planned: file.plan.toDo, settled: state.settled, declined: state.declined,
                drifted: state.drifted, left: state.left)
        }
    }
}

/// What became of a plan's effects that were to be done.
public struct AppliedReport: Sendable {
    public let seal: String
    /// How many were to be done.
    public let planned: Int
    /// Done, by this run or by earlier ones.
    public internal(set) var settled: Int
    /// The API said no, where the rehearsal had it say yes.
    public let declined: Int
    /// Set aside because what they rested on has changed.
    public let drifted: Int
    /// Not sent, refused by policy, or in doubt: another run of the plan goes on with them.
    let left: Int

    /// Those that did not happen, whatever the reason.
    public var notDone: Int { planned - settled }
}
