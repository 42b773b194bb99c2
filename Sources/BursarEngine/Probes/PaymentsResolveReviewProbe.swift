import ConomyAPI
import ExactJSON

struct PaymentsResolveReviewProbe: PaymentStateProbe {
    let operation = "payments.resolve_review"
    let search = "the payment's status and documentationStatus"
    let presence = "it is not in review any more, and documentationStatus is the decision that was sent, whoever took it"
    let absence = "REQUIRES_REVIEW"
    let repetition = "is refused with 422: a review is decided once"

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        let decision = doubt.sent("decision") ?? ""
        if status == "REQUIRES_REVIEW" { return .absent(evidence: "the payment is in review") }
        guard let shown = payment["documentationStatus"]?.string, shown == decision else {
            return .unknown("the payment is \(status), and does not show the decision \(decision)")
        }
        let reviewedAt = (payment["updatedAt"] ?? payment["capturedAt"])?.string ?? doubt.intendedAt.description
        return .present(
            doubt.answer([
                "paymentId": payment["id"] ?? nil, "status": .string(status), "documentationStatus": .string(shown),
                "reviewDecision": .string(decision), "reviewedAt": .string(reviewedAt),
            ]), evidence: "the review was decided: \(shown)")
    }
}
