import ConomyAPI
import ConomySimulator
import ExactJSON

extension Overlay {
    /// Reads of single objects that the rehearsal's bank can answer too. Every other read without pages is the target's alone: what can
    /// be paid with what does not change in a rehearsal.
    static let objects: Set = [
        "payments.get", "payments.refund_summary", "payments.refunds", "payments.customer", "accounts.get", "identities.get",
        "identities.permissions", "organizations.brand", "customers.get", "rules.get", "payment_links.get",
        "checkout_sessions.get",
        "payment_attempts.get",
    ]

    func read(_ call: Call) async throws(CallFailure) -> Answer {
        if let wanted = call.awaited, rehearsal.hasOthers, call.operation.name == "payments.get", let id = call.objectID {
            _ = try await intakes.take(.payments, id)
            rehearsal.bring(payment: id, to: wanted)
        }
        if Overlay.objects.contains(call.operation.name) { return try await readObject(call) }
        if call.operation.name == "accounts.unassigned", rehearsal.hasChanged { return try await readUnassigned(call) }
        guard call.operation.isList, rehearsal.hasChanged else { return try await reads.pass(call) }
        return try await readList(call)
    }

    private func readObject(_ call: Call) async throws(CallFailure) -> Answer {
        let before = rehearsal.original.answer(call)
        let after = rehearsal.own.answer(call)
        switch (before.isSuccess, after.isSuccess) {
        case (false, false):
            let answer = try await reads.answer(call)
            return call.operation.name == "payments.customer" ? try await showingCustomer(answer) : answer
        case (false, true): return Answer(status: after.status, body: after.body, isAssumed: true)
        case (true, false): return Overlay.untraced(after)
        case (true, true):
            let raw = try await reads.answer(call)
            guard let old = before.body, let new = after.body, old != new else {
                return call.operation.name == "payments.customer" ? try await showingCustomer(raw) : raw
            }
            guard raw.isSuccess, let there = raw.body else { return Answer(status: after.status, body: new, isAssumed: true) }
            return Answer(status: raw.status, body: merged(there, before: old, after: new), isAssumed: true)
        }
    }

    /// A payment that nothing was done to may have a customer that was changed.
    private func showingCustomer(_ answer: Answer) async throws(CallFailure) -> Answer {
        guard var body = answer.body?.object, let customer = body["customer"], let id = customer["id"]?.string,
            let read = Call.get("customers.get", id), rehearsal.own.has(.customers, id) || rehearsal.original.has(.customers, id)
        else { return answer }
        let now = rehearsal.own.answer(read)
        guard let before = rehearsal.original.answer(read).body, let after = now.body, before != after else { return answer }
        body["customer"] = now.isSuccess ? merged(customer, before: before, after: after) : JSON.null
        if !now.isSuccess { body["attached"] = false }
        return Answer(status: answer.status, body: .object(body), isAssumed: true)
    }
}
