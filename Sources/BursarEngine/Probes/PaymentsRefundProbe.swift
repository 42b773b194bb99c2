import ConomyAPI
import ExactJSON

/// The refund may have travelled to the payment's sub-resource or as a payment of type REFUND: it is found the same way.
struct PaymentsRefundProbe: Probe {
    let operation = "payments.refund"
    let search = "the refunds of the payment, by the summary and by the list, whose totals must agree with each other"
    let presence = """
        a refund that no other effect is known to have made carries this effect's stamp; or it is the only one with this amount and \
        this reason, and was not made before
        """
    let absence = "no refund that could be it: none has the amount, or other effects are known to have made those that have"
    let repetition = "refunds once more, as long as something is left"

    func list(of call: Call) -> String? { "refunds of \(call.objectID ?? "")" }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let parent = doubt.pathID()
        var sent: JSONObject = [:]
        sent["totalAmount"] = doubt.call.body?["amount"]
        sent["description"] = doubt.call.body?["reason"]
        return try await RefundsOfPayment(of: parent, doubt).find(.object(sent), for: doubt) { child in
            var result: JSONObject = ["refundId": child["id"] ?? nil, "parentPaymentId": .string(parent)]
            for member in ["status", "totalAmount", "currency", "createdAt"] { result[member] = child[member] }
            return doubt.answer(.object(result))
        }
    }
}
