/// What a run has to do with a plan.
public enum PlanUse: Sendable {
    /// Nothing.
    case none
    /// A rehearsal writes down what it finds.
    /// - Parameters:
    ///   - key: the maker's own key for approvals, where it is known: it must not approve what it made.
    ///   - journal: the folder of the journal in which the plan is going to be applied; nil where none is kept.
    case makes(key: String?, journal: String?)
    /// What was planned is done, and nothing else.
    case applies(PlanFile)

    /// The plan that is applied.
    public var applied: PlanFile? { if case .applies(let file) = self { file } else { nil } }
}
