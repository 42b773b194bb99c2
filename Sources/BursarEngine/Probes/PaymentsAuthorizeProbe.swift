import ConomyAPI
import ExactJSON

struct PaymentsAuthorizeProbe: PaymentStateProbe {
    let operation = "payments.authorize"
    let search = "the payment's status"
    let presence = """
        AUTHORIZED or a status that comes after it, or an authorizedAt; somebody else's authorization, or a capture that needed none, \
        is taken for it
        """
    let absence = "ATTEMPT, CREATED or PENDING"
    let repetition = "is refused with 422: a payment is authorized once"

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        if status == "AUTHORIZED" || PaymentStanding.captured.contains(status) {
            return .present(doubt.answer(payment), evidence: "the payment is \(status)")
        }
        if let time = payment["authorizedAt"]?.string {
            return .present(doubt.answer(payment), evidence: "the payment is \(status), and was authorized at \(time)")
        }
        if PaymentStanding.beforeAuthorization.contains(status) { return .absent(evidence: "the payment is \(status)") }
        return .unknown("the payment is \(status), and does not say whether it was authorized before")
    }
}
