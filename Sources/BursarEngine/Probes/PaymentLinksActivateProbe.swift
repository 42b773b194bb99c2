import ConomyAPI
import ExactJSON

struct PaymentLinksActivateProbe: Probe {
    let operation = "payment_links.activate"
    let search = "the link's status"
    let presence = "ACTIVE, PROCESSING_PAYMENT or FINISHED, whoever made it so: it can be paid, or was"
    let absence = "ATTEMPT or EXPIRED: it was not activated, or its time has run out again"
    let repetition = "is refused with 422 while the link is active, and gives it its time once more after that"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let link = try await doubt.knownObject("payment_links.get", doubt.pathID())
        switch link["status"]?.string {
        case let status? where ["ACTIVE", "PROCESSING_PAYMENT", "FINISHED"].contains(status):
            return .present(doubt.answer(link), evidence: "the link is \(status)")
        case let status? where ["ATTEMPT", "EXPIRED"].contains(status): return .absent(evidence: "the link is \(status)")
        case let status: return .unknown("the link is \(status ?? "of unknown status")")
        }
    }
}
