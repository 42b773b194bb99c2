import ConomyAPI
import ExactJSON

struct PaymentsMarkUnsettledProbe: PaymentStateProbe {
    let operation = "payments.mark_unsettled"
    let search = "the payment's status"
    let presence = "UNSETTLED, whoever marked it"
    let absence = "another documented status: nothing leaves UNSETTLED"
    let repetition = "changes nothing"

    private static let others: Set = [
        "ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED",
        "REFUNDED",
    ]

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        if PaymentsMarkUnsettledProbe.others.contains(status) { return .absent(evidence: "the payment is \(status)") }
        guard status == "UNSETTLED" else { return .unknown("the payment is \(status)") }
        var result: JSONObject = ["paymentId": payment["id"] ?? nil, "status": .string(status)]
        result["unsettledAt"] = payment["unsettledAt"]
        result["unsettledReason"] = payment["unsettledReason"]
        result["alreadyFlagged"] = false
        return .present(doubt.answer(.object(result)), evidence: "the payment is UNSETTLED")
    }
}
