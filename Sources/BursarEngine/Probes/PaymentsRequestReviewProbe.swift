import ConomyAPI
import ExactJSON

struct PaymentsRequestReviewProbe: PaymentStateProbe {
    let operation = "payments.request_review"
    let search = "the payment's status"
    let presence = "REQUIRES_REVIEW, whoever flagged it"
    let absence = """
        CREATED, PENDING, AUTHORIZED or CAPTURED, and no review was ever decided; a documented customer's payment, which passes by, \
        looks the same
        """
    let repetition = "changes nothing while the payment is in review or passes by; after a decision it is reviewed once more"

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        if status == "REQUIRES_REVIEW" {
            var result: JSONObject = ["paymentId": payment["id"] ?? nil, "status": .string(status)]
            result["documentationStatus"] = payment["documentationStatus"]
            result["reason"] = doubt.call.body?["reason"]
            result["alreadyFlagged"] = false
            result["bypassed"] = false
            return .present(doubt.answer(.object(result), status: 202), evidence: "the payment is in review")
        }
        let decision = payment["documentationStatus"]?.string
        if let decision, ["APPROVED", "REJECTED"].contains(decision) {
            return .unknown("the payment is \(status), and a review of it was decided: \(decision)")
        }
        if PaymentStanding.beforeCapture.contains(status) || status == "CAPTURED" {
            return .absent(evidence: "the payment is \(status)")
        }
        return .unknown("the payment is \(status), and does not say whether it was in review before")
    }
}
