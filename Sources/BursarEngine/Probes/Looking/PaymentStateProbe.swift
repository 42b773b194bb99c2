import ConomyAPI
import ExactJSON

/// A probe that reads one payment and judges by where it stands in its life.
protocol PaymentStateProbe: Probe {
    func paymentID(in doubt: Doubt) -> String
    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) async throws(CallFailure) -> Finding
}

extension PaymentStateProbe {
    var settling: Duration { .seconds(10) }

    func paymentID(in doubt: Doubt) -> String { doubt.pathID() }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let payment = try await doubt.knownObject("payments.get", paymentID(in: doubt))
        guard let status = payment["status"]?.string else { throw .unclear("payment \(paymentID(in: doubt)) shows no status") }
        return try await judge(payment, status, doubt)
    }
}

/// Where a payment stands, for probes: the documented lifecycle. A status that is new to us is in none of these sets, and proves
/// nothing.
enum PaymentStanding {
    static let beforeAuthorization: Set = ["ATTEMPT", "CREATED", "PENDING"]
    static let beforeCapture: Set = ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED"]
    /// Nothing comes here but through a capture.
    static let captured: Set = ["CAPTURED", "RECEIVED", "SETTLED", "UNSETTLED", "REFUNDED"]
    /// Nothing comes here but through the arrival of the money.
    static let received: Set = ["RECEIVED", "SETTLED", "UNSETTLED", "REFUNDED"]
}
