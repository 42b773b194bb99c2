import ConomyAPI
import ExactJSON

struct PaymentsCaptureProbe: PaymentStateProbe {
    let operation = "payments.capture"
    let search = "the payment's status"
    let presence = """
        CAPTURED or a status that only a captured payment reaches, or a capturedAt; somebody else's capture, or the platform's on a push \
        rail, is the same state and is taken for it
        """
    let absence = "ATTEMPT, CREATED, PENDING or AUTHORIZED; or EXPIRED, which no captured payment becomes"
    let repetition = "is refused with 422: a payment is captured once"

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        if PaymentStanding.captured.contains(status) {
            return .present(doubt.answer(payment), evidence: "the payment is \(status)")
        }
        if let time = payment["capturedAt"]?.string {
            return .present(doubt.answer(payment), evidence: "the payment is \(status), and was captured at \(time)")
        }
        if PaymentStanding.beforeCapture.contains(status) || status == "EXPIRED" {
            return .absent(evidence: "the payment is \(status)")
        }
        return .unknown("the payment is \(status), and does not say whether it was captured before")
    }
}
