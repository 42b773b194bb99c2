import ConomyAPI
import ExactJSON

/// Payment attempts check the shape of a payment and announce it; no money is held.
extension Bank {
    mutating func createPaymentAttempt(_ call: Call) throws(Refusal) -> Answer {
        let draft = try PaymentDraft(call.body ?? [:], self, isAttempt: true)
        var payment = Payment(
            id: newID(), kind: draft.kind, state: .attempt, total: draft.total, purchase: draft.purchase,
            externalID: draft.externalID, identityID: draft.identityID, accountNumber: draft.accountNumber,
            product: draft.product,
            about: draft.about, createdAt: now, updatedAt: now)
        payment.destinations = draft.destinations
        payment.origins = draft.origins.map { instructions($0) }
        payment.more.fields.identityExternalID = draft.identityExternalID
        attempts.put(payment, payment.id)
        tell("purchase.attempted", payment)
        return Answer(status: 201, body: payment.json)
    }

    func listPaymentAttempts(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let days = try call.days()
        let matches = attempts.newestFirst.filter { attempt in
            query.allows("identityId", attempt.identityID) && query.allows("type", attempt.kind.rawValue)
                && days.contains(attempt.createdAt)
                && (query["accountNumber"].map { attempt.accountNumbers.contains($0) } ?? true)
        }
        let page = try call.page(of: matches, id: \.id)
        let data = page.items.map(\.json)
        return Answer(status: 200, body: ["data": .array(data), "pagination": page.envelope(data)])
    }

    func getPaymentAttempt(_ call: Call) throws(Refusal) -> Answer {
        let id = call.objectID ?? ""
        guard let attempt = attempts[id] else { throw .notFound("payment attempt", id) }
        return Answer(status: 200, body: attempt.json)
    }
}
