import BursarGate
public import ConomyAPI

/// Whose word a plan needs before it is applied.
public struct ApprovalRule: Sendable, Equatable {
    /// Somebody who may approve.
    public struct Approver: Sendable, Equatable {
        public let name: String
        public let key: PublicKey
        /// From here on the key does not count; nil never ends.
        public let expires: Timestamp?

        public init(name: String, key: PublicKey, expires: Timestamp?) {
            self.name = name
            self.key = key
            self.expires = expires
        }
    }

    public let approvers: [Approver]
    /// How many of them.
    public let required: Int
    /// Plans whose totals stay at or below these need nobody's word; nil makes no such exception. A currency that is not named here has
    /// none.
    public let above: [Currency: Money]?
    /// Whether who made a plan may approve it.
    public let makerCounts: Bool

    public init(approvers: [Approver], required: Int, above: [Currency: Money]? = nil, makerCounts: Bool = false) {
        self.approvers = approvers
        self.required = required
        self.above = above
        self.makerCounts = makerCounts
    }

    /// What became of one approval.
    public enum Verdict: Sendable, Equatable {
        case counts(String)
        /// Why not, a sentence.
        case ignored(String)
    }

    /// How many approvals a plan needs.
    public func needed(by plan: Plan) -> Int {
        guard let above else { return required }
        let totals = plan.totals.amounts
        let isSmall = totals.allSatisfy { total in above[total.currency].map { total <= $0 } ?? (total.minorUnits == 0) }
        // Money of which the plan does not know how much has no bound.
        let isKnown = plan.effects.allSatisfy { effect in
            effect.state != .assumed || effect.amount != nil || Catalogue.conomy[effect.operation].map(MoneyMoved.moves) != true
        }
        return isSmall && isKnown ? 0 : required
    }

    /// Which approvals of a plan count, in their order. One key counts once, and so does one person.
    public func verdicts(_ file: PlanFile, now: Timestamp) -> [(approval: Approval, verdict: Verdict)] {
        var counted: Set<String> = []
        return file.approvals.map { approval in
            guard approval.isGenuine(of: file.seal) else { return (approval, .ignored("it is not what was signed")) }
            guard let approver = approvers.first(where: { $0.key == approval.key }) else {
                return (approval, .ignored("its key is not among those that may approve"))
            }
            if let expires = approver.expires, now >= expires {
                return (approval, .ignored("the key of \(approver.name) expired on \(expires)"))
            }
            if !makerCounts, isMaker(approver, of: file.plan) { return (approval, .ignored("\(approver.name) made the plan")) }
            guard counted.insert(approver.name).inserted else {
                return (approval, .ignored("\(approver.name) has approved it already"))
            }
            return (approval, .counts(approver.name))
        }
    }

    private func isMaker(_ approver: Approver, of plan: Plan) -> Bool {
        approver.name == plan.makerName || approver.key.text == plan.makerKey
            || approvers.contains { $0.name == approver.name && $0.key.text == plan.makerKey }
    }

    /// - Throws: `RunFailure` of kind approval naming who may still approve.
    public func check(_ file: PlanFile, now: Timestamp) throws(RunFailure) {
        let needed = needed(by: file.plan)
        let verdicts = verdicts(file, now: now)
        var who: Set<String> = []
        var problems: [String] = []
        for (approval, verdict) in verdicts {
            switch verdict {
            case .counts(let name): who.insert(name)
            case .ignored(let why): problems.append("the approval of \(approval.name) does not count: \(why)")
            }
        }
        guard who.count < needed else { return }
        let others = approvers.filter { approver in
            !who.contains(approver.name) && approver.expires.map { now < $0 } != false
                && (makerCounts || !isMaker(approver, of: file.plan))
        }
        let names = others.map(\.name)
        let missing = needed - who.count
        let asked =
            names.count < missing
            ? "only \(names.isEmpty ? "nobody" : names.joined(separator: ", ")) may still approve, and that is not enough: name more keys in bursar.yaml"
            : "bursar approve, by \(missing == 1 ? "one" : "\(missing)") of \(names.joined(separator: ", "))"
        throw RunFailure(
            .approval, code: "approval_missing",
            (["the plan has \(who.count) of the \(needed) approvals that it needs"] + problems).joined(separator: "; "),
            hint: "\(asked). Nothing was sent")
    }
}
