import ConomyAPI
import ExactJSON

/// Performs by recording: every effect and what became of it goes into the run's ledger of effects.
struct EffectRecorder: Performer {
    let next: any Performer
    let effects: EffectLedger

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect > .read else { return try await next.perform(call) }
        do throws(CallFailure) {
            let answer = try await next.perform(call)
            effects.record(Effect(call: call, answer: answer))
            return answer
        } catch {
            // What was cancelled never was an effect of this run.
            if error.kind != .cancelled { effects.record(Effect(call: call, failure: error)) }
            throw error
        }
    }
}
