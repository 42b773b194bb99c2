import BursarGate
import ConomyAPI

/// Performs by asking the environment's policy: an effect that it does not permit goes no further.
///
/// What is settled already is not asked about: it is answered from the record, and nothing leaves.
struct PolicyKeeper: Performer {
    let policy: Policy
    let gate: Gate
    let amounts: AmountFinder
    /// True for an effect that is settled already.
    let isSettled: @Sendable (Call) -> Bool
    /// Asked before an effect goes on, and again in the last moment before it leaves.
    let freeze: FreezeWatch?
    /// Asked once, before the first effect: why none may happen.
    let consent: Consent?
    let next: any Performer

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect > .read else {
            do { try gate.admit(call) } catch { throw error.failureOfPolicy }
            return try await next.perform(call)
        }
        guard !isSettled(call) else { return try await next.perform(call) }
        var call = call
        if let freeze {
            if let failure = freeze.failure { throw failure }
            let before = call.departure
            call.departure = {
                if let failure = freeze.failure { return failure }
                return await before?()
            }
        }
        if let allowed = policy.destinations, let id = call.objectID,
            ["payments.capture", "payments.authorize"].contains(call.operation.name)
        {
            let payment = try await amounts.read("payments.get", id, call, next)
            if let refusal = AllowedDestinations(allowed).refusal(ofPayment: payment, in: call.operation.name) {
                throw refusal.failureOfPolicy
            }
        }
        if policy.limitsMoney { call.moved = try await amounts.amounts(of: call, by: next) }
        do { try gate.admit(call) } catch { throw error.failureOfPolicy }
        if let consent, let refusal = await consent.refusal() { throw refusal.failureOfPolicy }
        return try await next.perform(call)
    }
}
