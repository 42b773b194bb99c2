import BursarGate
public import ConomyAPI
import ExactJSON

/// What an environment's policy says of a plan, rule by rule.
public struct PolicyCheck: Sendable {
    /// What one rule says.
    public struct Finding: Sendable {
        /// The part of the policy, `most_per_day`.
        public let name: String
        /// What is set.
        public let value: String
        /// What the plan comes to, where the rule sums: `60.00 ARS`.
        public let comesTo: String?
        /// Effects that it refuses, by key, each with why.
        public let refused: [(key: String, why: String)]
    }

    /// One a rule that is set, in the order in which rules are asked.
    public let findings: [Finding]
    /// Effects that were looked at: those that are to be done, and those that only a policy refused.
    public let effects: Int

    public var isPermitted: Bool { findings.allSatisfy(\.refused.isEmpty) }

    /// - Parameters:
    ///   - target: the environment whose policy is asked.
    ///   - now: when it would be applied.
    public init(of plan: Plan, in target: TargetEnvironment, now: Timestamp) {
        let policy = target.policy
        let calls = plan.effects.filter(PolicyCheck.isToBeDone).compactMap { effect -> Item? in
            guard var call = Call(record: effect.request, in: .conomy) else { return nil }
            call.moved = MoneyMoved.stated(by: call) ?? effect.amount.map { [$0] }
            return Item(key: effect.key, call: call, payment: effect.mints["id"] ?? SumKeeper.continued(by: call))
        }
        effects = calls.count
        let texts = Dictionary(policy.texts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var findings: [Finding] = []
        let rules =
            policy.rulesOfRuns(in: target.name, isPlanned: true, isKept: true, now: { now }) + policy.rules(in: target.name)
        let summed = PolicyCheck.sums(calls, policy, now)
        for named in rules {
            var refused = calls.compactMap { item in named.rule.refusal(of: item.call).map { (key: item.key, why: $0.message) } }
            refused += summed.refused[named.name] ?? []
            let value = texts[named.name] ?? (named.name == "amount_unknown" ? "amounts must be known" : "")
            findings.append(Finding(name: named.name, value: value, comesTo: summed.comesTo[named.name], refused: refused))
        }
        for name in ["most_effects_per_run", "most_effects_per_day"] {
            guard let value = texts[name] else { continue }
            findings.append(
                Finding(name: name, value: value, comesTo: summed.comesTo[name], refused: summed.refused[name] ?? []))
        }
        self.findings = findings
    }

    private struct Item {
        let key: String
        let call: Call
        /// The payment whose money it moves.
        let payment: String?
    }

    /// What the rehearsal refused because of a policy would be done under another one.
    private static func isToBeDone(_ effect: PlannedEffect) -> Bool {
        effect.state == .assumed || effect.refusal.map { Policy.ruleNames.contains($0.code) } == true
    }

    /// What the plan adds to each sum, and what would pass a limit. The sums begin at nothing: what a day has had is not looked at.
    private static func sums(_ calls: [Item], _ policy: Policy, _ now: Timestamp)
        -> (comesTo: [String: String], refused: [String: [(key: String, why: String)]])
    {
        var tally = SumTally()
        var refused: [String: [(key: String, why: String)]] = [:]
        var last: [String: [String: SumLimit]] = [:]
        for item in calls {
            let limits = policy.sums(adding: item.call.moved ?? [], run: "", account: "", at: now)
            for limit in limits where limit.most > 0 { last[limit.rule, default: [:]][limit.unit] = limit }
            // A currency without a limit has been refused by its rule.
            switch tally.take(limits.filter { $0.most > 0 }, for: item.call) {
            case .success:
                if let payment = item.payment { tally.count(payment: payment) }
            case .failure(let refusal): refused[refusal.rule, default: []].append((item.key, refusal.message))
            }
        }
        let comesTo = last.mapValues { units in
            units.values.sorted { $0.unit < $1.unit }.map { $0.text(of: tally.sum(of: $0)) }.joined(separator: ", ")
        }
        return (comesTo, refused)
    }
}
