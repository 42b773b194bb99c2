import ConomyAPI
import ExactJSON

/// Creates refunds as child payments, `POST /payments` with type REFUND, where the environment says `refund_with: payment`.
///
/// The newest public documents describe refunds that way, older ones as a sub-resource of the payment. Scripts call
/// `payments.refund` in both cases, and the answer reads the same.
struct RefundAsPayment: Performer {
    let next: any Performer
    let catalogue: Catalogue

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.name == "payments.refund", let id = call.objectID, let create = catalogue["payments.create"] else {
            return try await next.perform(call)
        }
        var body: JSONObject = ["type": "REFUND", "parentPaymentId": .string(id)]
        body["totalAmount"] = call.body?["amount"]
        body["description"] = call.body?["reason"]
        var payment = Call(create, body: .object(body), money: call.money["amount"].map { ["totalAmount": $0] } ?? [:])
        payment.key = call.key
        payment.location = call.location
        payment.departure = call.departure
        let answer = try await next.perform(payment)
        guard answer.isSuccess, let child = answer.body?.object else { return answer }
        var result: JSONObject = ["refundId": child["id"] ?? nil, "parentPaymentId": child["parentPaymentId"] ?? .string(id)]
        for field in ["status", "totalAmount", "currency", "createdAt"] { result[field] = child[field] }
        return Answer(status: answer.status, body: .object(result), isAssumed: answer.isAssumed, isRecorded: answer.isRecorded)
    }
}
