import ConomyAPI
import ExactJSON

/// An attempt may have come true meanwhile, and be among the payments.
struct PaymentAttemptsCreateProbe: CreationProbe {
    let operation = "payment_attempts.create"
    let search = "all attempts of the account or identity and the type that were sent, then all such payments, by externalId"
    let presence = "one that no other effect is known to have made repeats the externalId, type, amounts and currencies"
    let absence = "every other attempt and payment shows another externalId, amount or currency"
    let repetition = "announces it twice; no money moves by that"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("payment_attempts.list", ["identityId", "accountNumber", "type"].flatMap { filter($0, call.body?[$0]?.string) })
    }

    func likeness(_ sent: JSON) -> Likeness { .ofPayment(sent) }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let (operation, query) = listing(doubt.call)
        let sent = doubt.call.body ?? [:]
        let attempts = try await doubt.rows(operation, query: query, holdsWitness: true)
        let found = try await doubt.recognise(likeness(sent), as: sent, among: attempts) { doubt.answer($0) }
        guard case .absent = found else { return found }
        let payments = try await doubt.rows(
            "payments.list", query: query + doubt.since + [("sort", "createdAt:asc")], holdsWitness: false)
        return try await doubt.recognise(likeness(sent), as: sent, among: payments) { doubt.answer($0) }
    }
}
