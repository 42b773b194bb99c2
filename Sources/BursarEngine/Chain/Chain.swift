import BursarGate
import ConomyAPI

/// The order in which a call passes through Bursar.
enum Chain {
    /// script -> gate -> currency check -> recorder -> (refund's form) -> breaker -> client -> HTTP; a rehearsal against a remote target ends in
    /// assumptions instead.
    static func performer(
        through breaker: BreakerKeeper, options: RunOptions, declared: DeclaredEffectsBox, effects: EffectLedger
    ) -> any Performer {
        let catalogue = Catalogue.conomy
        var performer: any Performer = ReadCounter(next: breaker, effects: effects)
        let isAssuming = options.isRehearsal && !options.target.isLocal
        if isAssuming { performer = Assumption(reads: ReadOnly(performer), clock: options.clock) }
        if options.target.refundWith == .payment { performer = RefundAsPayment(next: performer, catalogue: catalogue) }
        performer = CurrencyCheck(next: performer, catalogue: catalogue)
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
