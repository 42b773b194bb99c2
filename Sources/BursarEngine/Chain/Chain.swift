import BursarGate
import BursarJournal
import ConomyAPI
import Logging

/// The order in which a call passes through Bursar.
enum Chain {
    /// script -> recorder of the report -> plan -> gate -> policy -> currency check -> journal -> (refund's form) -> breaker -> client ->
    /// HTTP; a rehearsal ends in its overlay instead, which only reads what is behind it.
    /// - Parameters:
    ///   - account: as whom calls go.
    ///   - keeper: nil where nothing is recorded.
    ///   - rehearsal: nil for a real run.
    ///   - book: the plan that is being made.
    ///   - applied: the plan that is being applied.
    static func performer(
        through breaker: BreakerKeeper, account: String, options: RunOptions, declared: DeclaredEffectsBox, effects: EffectLedger,
        keeper: JobKeeper? = nil, rehearsal: Rehearsal? = nil, book: PlanBook? = nil, applied: AppliedPlan? = nil, logger: Logger
    ) -> any Performer {
        let catalogue = Catalogue.conomy
        let counted = ReadCounter(next: breaker, effects: effects)
        var performer: any Performer = counted
        if let rehearsal { performer = Overlay(reads: ReadOnly(performer), rehearsal: rehearsal) }
        if options.target.refundWith == .payment { performer = RefundAsPayment(next: performer, catalogue: catalogue) }
        let limits = SumKeeper(policy: options.target.policy, account: account, now: options.clock)
        if let keeper {
            let doubts = DoubtResolver(reads: ReadOnly(counted), options: options, now: keeper.clock.now, logger: logger)
            performer = EffectKeeper(next: performer, keeper: keeper, doubts: doubts, options: options, limits: limits)
        } else if limits.policy.limitsSums {
            performer = SumsInMemory(next: performer, limits: limits)
        }
        let isSettled: @Sendable (Call) -> Bool = { call in call.key.flatMap { keeper?.job?.isSettled($0) } ?? false }
        performer = CurrencyCheck(next: performer, catalogue: catalogue, isSettled: isSettled)
        performer = PolicyKeeper(
            policy: options.target.policy, gate: policy(options, isKept: keeper != nil && !options.keepsSumsElsewhere),
            amounts: AmountFinder(catalogue: catalogue),
            isSettled: isSettled, freeze: options.isRehearsal ? nil : FreezeWatch(files: options.freezeFiles),
            consent: options.isRehearsal ? nil : options.consent, next: performer)
        performer = GateKeeper(gate: gate(options, declared), next: performer)
        if let book { performer = PlanRecorder(next: performer, book: book) }
        if let applied {
            let mayHaveHappened: @Sendable (String) -> Bool = { key in keeper?.job?.mayHaveHappened(key) ?? false }
            let facts = FactCheck(
                applied.file.plan, reads: ReadOnly(counted), identifiers: applied.identifiers, mayHaveHappened: mayHaveHappened)
            performer = PlanKeeper(
                next: performer, applied: applied, facts: facts, redaction: options.redaction,
                mayHaveHappened: mayHaveHappened)
        }
        return EffectRecorder(next: performer, effects: effects)
    }

    private static func gate(_ options: RunOptions, _ declared: DeclaredEffectsBox) -> Gate {
        var rules: [any Gate.Rule] = [declared]
        // A rehearsal has no way to the target: what it would not be allowed to do there is still worth seeing.
        if !options.target.allowEffects, !options.isRehearsal { rules.append(EffectsAllowed(in: options.target.name)) }
        if options.target.isProduction { rules.append(SandboxOnly()) }
        return Gate(rules)
    }

    /// What the environment's policy says against effects. A rehearsal shows what it would say, but for when and how a run happens.
    private static func policy(_ options: RunOptions, isKept: Bool) -> Gate {
        let (policy, environment) = (options.target.policy, options.target.name)
        let ofRuns =
            options.isRehearsal
            ? []
            : policy.rulesOfRuns(
                in: environment, isPlanned: options.plan.applied != nil, isKept: isKept, now: options.clock)
        return Gate((ofRuns + policy.rules(in: environment)).map(\.rule))
    }
}
