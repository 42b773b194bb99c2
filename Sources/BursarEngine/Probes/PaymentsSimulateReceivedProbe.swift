import ConomyAPI
import ExactJSON

struct PaymentsSimulateReceivedProbe: PaymentStateProbe {
    let operation = "payments.simulate_received"
    let search = "the payment's status"
    let presence = "RECEIVED or a status that comes after it, whatever brought the money"
    let absence = "a status before RECEIVED, or EXPIRED, which no received payment becomes"
    let repetition = "is refused with 422: money is received once"

    func paymentID(in doubt: Doubt) -> String { doubt.sent("transactionId") ?? doubt.sent("id") ?? "" }

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) -> Finding {
        if PaymentStanding.received.contains(status) {
            return .present(doubt.answer(payment), evidence: "the payment is \(status)")
        }
        if PaymentStanding.beforeCapture.contains(status) || status == "CAPTURED" || status == "EXPIRED" {
            return .absent(evidence: "the payment is \(status)")
        }
        return .unknown("the payment is \(status), and does not say whether its money had arrived")
    }
}
