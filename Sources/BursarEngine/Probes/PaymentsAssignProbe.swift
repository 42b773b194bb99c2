import ConomyAPI
import ExactJSON

struct PaymentsAssignProbe: PaymentStateProbe {
    let operation = "payments.assign"
    let search = "the payment's status and account"
    let presence = "SETTLED in the account that was sent, whoever assigned it"
    let absence = "SETTLED in another account, as a payment is assigned once; or a status that no assigned payment has"
    let repetition = "is refused with 422: a payment is assigned once"

    func judge(_ payment: JSON, _ status: String, _ doubt: Doubt) async throws(CallFailure) -> Finding {
        let open: Set = ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED"]
        if open.contains(status) || ["EXPIRED", "FAILED"].contains(status) {
            return .absent(evidence: "the payment is \(status)")
        }
        guard status == "SETTLED" else { return .unknown("the payment is \(status)") }
        guard let number = payment["accountNumber"]?.string else {
            return .unknown("the payment does not say in which account it is")
        }
        let account = try await account(doubt, number)
        guard let account else { return .absent(evidence: "the payment is SETTLED in account \(number)") }
        var result: JSONObject = [
            "paymentId": payment["id"] ?? nil, "accountNumber": .string(number), "accountId": account["id"] ?? nil,
        ]
        for member in ["status", "reconciliationStatus", "settledAt", "totalAmount", "currency", "relatedPaymentId"] {
            result[member] = payment[member]
        }
        result["childPaymentId"] = payment["relatedPaymentId"]
        return .present(doubt.answer(.object(result)), evidence: "the payment is SETTLED in account \(number)")
    }

    /// The account that was asked for, which the answer names by number and by id; nil when it is not the one with this number.
    private func account(_ doubt: Doubt, _ number: String) async throws(CallFailure) -> JSON? {
        if let asked = doubt.sent("accountNumber") {
            guard asked == number else { return nil }
            let rows = try await doubt.rows("accounts.list", query: [("accountNumber", number)], holdsWitness: false)
            guard let account = rows.first(where: { $0["accountNumber"]?.string == number }) else {
                throw .unclear("accounts.list knows no account \(number)")
            }
            return account
        }
        let account = try await doubt.knownObject("accounts.get", doubt.sent("accountId") ?? "")
        guard let itsNumber = account["accountNumber"]?.string else { throw .unclear("the account shows no number") }
        guard itsNumber == number else { return nil }
        return account
    }
}
