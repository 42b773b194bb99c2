import BursarGate
import ConomyAPI

extension Policy {
    /// What rules call themselves when they refuse an effect.
    static let ruleNames: Set<String> = [
        "operations", LimitsRequired.name, "destinations", "amount_unknown", "most_per_effect", "most_per_run", "most_per_day",
        "most_effects_per_run", "most_effects_per_day",
    ]

    /// A rule by the name of the part of the policy that it speaks for.
    struct NamedRule: Sendable {
        let name: String
        let rule: any Gate.Rule
    }

    /// The rules about what an effect is, in the order in which they are asked.
    func rules(in environment: String) -> [NamedRule] {
        var rules: [NamedRule] = []
        func add(_ name: String, _ rule: (any Gate.Rule)?) { if let rule { rules.append(NamedRule(name: name, rule: rule)) } }
        if allowedOperations != nil || !forbiddenOperations.isEmpty {
            add("operations", Operations(allowed: allowedOperations, forbidden: forbiddenOperations))
        }
        add("limits", LimitsRequired(self, in: environment))
        add("destinations", destinations.map(AllowedDestinations.init))
        if limitsMoney { add("amount_unknown", AmountKnown()) }
        add("most_per_effect", mostPerEffect.map(MostPerEffect.init))
        add("most_per_run", mostPerRun.map { SummedCurrencies("most_per_run", $0) })
        add("most_per_day", mostPerDay.map { SummedCurrencies("most_per_day", $0) })
        return rules
    }

    /// The rules about when and how effects happen: a rehearsal is not asked.
    /// - Parameters:
    ///   - isPlanned: a plan is being applied.
    ///   - isKept: what happens is recorded.
    func rulesOfRuns(in environment: String, isPlanned: Bool, isKept: Bool, now: @escaping @Sendable () -> Timestamp)
        -> [NamedRule]
    {
        var rules: [NamedRule] = []
        if requiresPlan, !isPlanned { rules.append(NamedRule(name: "require", rule: PlanRequired(in: environment))) }
        if let hours { rules.append(NamedRule(name: "hours", rule: WithinHours(hours, in: timeZone, now: now))) }
        if limitsDays, !isKept { rules.append(NamedRule(name: "sums_kept", rule: SumsKept(in: environment))) }
        return rules
    }
}
