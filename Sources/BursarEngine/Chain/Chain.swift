import BursarGate
import BursarJournal
import ConomyAPI
import Logging

/// The order in which a call passes through Bursar.
enum Chain {
    /// script -> recorder of the report -> gate -> currency check -> journal -> (refund's form) -> breaker -> client -> HTTP; a rehearsal ends
    /// in its overlay instead, which only reads what is behind it.
    /// - Parameters:
    ///   - keeper: nil where nothing is recorded.
    ///   - rehearsal: nil for a real run.
    static func performer(
        through breaker: BreakerKeeper, options: RunOptions, declared: DeclaredEffectsBox, effects: EffectLedger,
        keeper: JobKeeper? = nil, rehearsal: Rehearsal? = nil, logger: Logger
    ) -> any Performer {
        let catalogue = Catalogue.conomy
        let counted = ReadCounter(next: breaker, effects: effects)
        var performer: any Performer = counted
        if let rehearsal { performer = Overlay(reads: ReadOnly(performer), rehearsal: rehearsal) }
        if options.target.refundWith == .payment { performer = RefundAsPayment(next: performer, catalogue: catalogue) }
        if let keeper {
            let doubts = DoubtResolver(reads: ReadOnly(counted), options: options, now: keeper.journal.clock.now, logger: logger)
            performer = EffectKeeper(next: performer, keeper: keeper, doubts: doubts, options: options)
        }
        performer = CurrencyCheck(
            next: performer, catalogue: catalogue,
            isSettled: { call in call.key.flatMap { keeper?.job?.isSettled($0) } ?? false })
        performer = GateKeeper(gate: gate(options, declared), next: performer)
        return EffectRecorder(next: performer, effects: effects)
    }

    private static func gate(_ options: RunOptions, _ declared: DeclaredEffectsBox) -> Gate {
        var rules: [any Gate.Rule] = [declared]
        // A rehearsal has no way to the target: what it would not be allowed to do there is still worth seeing.
        if !options.target.allowEffects, !options.isRehearsal { rules.append(EffectsAllowed(in: options.target.name)) }
        if options.target.isProduction { rules.append(SandboxOnly()) }
        return Gate(rules)
    }
}
