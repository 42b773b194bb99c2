import ConomyAPI

/// Counts the reads that reach the target, those that Bursar makes itself included.
struct ReadCounter: Performer {
    let next: any Performer
    let effects: EffectLedger

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        if call.operation.effect == .read { effects.countRead() }
        return try await next.perform(call)
    }
}
