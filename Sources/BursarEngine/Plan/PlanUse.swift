/// What a run has to do with a plan.
public enum PlanUse: Sendable {
    /// Nothing.
    case none
    /// A rehearsal writes down what it finds.
    /// - Parameter key: the maker's own key for approvals, where it is known: it must not approve what it made.
    case makes(key: String?)
    /// What was planned is done, and nothing else.
    case applies(PlanFile)

    /// The plan that is applied.
    public var applied: PlanFile? { if case .applies(let file) = self { file } else { nil } }
}
