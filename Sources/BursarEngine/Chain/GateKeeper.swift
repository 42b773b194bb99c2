import BursarGate
import ConomyAPI

/// Performs by deciding: what the gate refuses goes no further.
struct GateKeeper: Performer {
    let gate: Gate
    let next: any Performer

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        do { try gate.admit(call) } catch { throw error.failure }
        return try await next.perform(call)
    }
}
