import ConomyAPI
import ExactJSON

/// Payment attempts check the shape of a payment and announce it; no money is held.
extension Bank {
    @Sendable static func keys(_ attempt: Payment) -> [String] { attempt.pushCodes }

    mutating func createPaymentAttempt(_ call: Call) throws(Refusal) -> Answer {
        let draft = try PaymentDraft(call.body ?? [:], self)
        var payment = draft.payment(id: newID(), .attempt, at: now)
        payment.origins = draft.origins.map { instructions($0) }
        attempts.put(payment)
        tell("purchase.attempted", payment)
        return Answer(status: 201, body: payment.json)
    }

    func listPaymentAttempts(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let days = try call.days()
        let isFiltered = !days.isOpen || query.has("identityId", "type", "accountNumber")
        let page = try call.page(of: attempts, isFiltered: isFiltered) { attempt in
            query.allows("identityId", attempt.identityID) && query.allows("type", attempt.kind.rawValue)
                && days.contains(attempt.createdAt)
                && (query["accountNumber"].map { attempt.accountNumbers.contains($0) } ?? true)
        }
        let data = page.items.map(\.json)
        return Answer(status: 200, body: ["data": .array(data), "pagination": page.envelope(data)])
    }

    func getPaymentAttempt(_ call: Call) throws(Refusal) -> Answer {
        let id = call.objectID ?? ""
        guard let attempt = attempts[id] else { throw .notFound("payment attempt", id) }
        return Answer(status: 200, body: attempt.json)
    }
}
