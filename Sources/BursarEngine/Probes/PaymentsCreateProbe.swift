import ConomyAPI
import ExactJSON

/// Nothing finds a payment by its `externalId`: the list of its account and type is read, and compared.
struct PaymentsCreateProbe: Probe {
    let operation = "payments.create"
    let search = """
        all payments of the type and the account (else the identity) that the call names, in every status, by externalId; a refund as \
        payments.refund does
        """
    let presence = """
        one payment that no other effect is known to have made repeats the externalId, type, amounts and currencies; an older payment \
        with the script's own externalId is not taken for it
        """
    let absence = "every other payment in the complete list shows another externalId, amount or currency"
    let repetition = "pays twice, as nothing on the way keeps two payments with one externalId apart"

    func list(of call: Call) -> String? {
        if call.body?["type"]?.string == "REFUND" { return "refunds of \(call.body?["parentPaymentId"]?.string ?? "")" }
        return "payments " + filter(call).map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let sent = doubt.call.body ?? [:]
        if sent["type"]?.string == "REFUND" { return try await refund(sent, doubt) }
        let likeness = Likeness.ofPayment(sent)
        let filter = filter(doubt.call)
        if let stamp = doubt.stamp {
            // What was made a moment ago stands on the first page of the newest, however long the list is.
            let newest = try await doubt.newestRows("payments.list", query: filter + doubt.since + [("sort", "createdAt:desc")])
                .filter { $0["externalId"]?.string == stamp }
            if !newest.isEmpty { return try await doubt.recognise(likeness, as: sent, among: newest) { doubt.answer($0) } }
        }
        // Oldest first: payments that come meanwhile are read too.
        let rows = try await doubt.rows(
            "payments.list", query: filter + doubt.since + [("sort", "createdAt:asc")], holdsWitness: true)
        return try await doubt.recognise(likeness, as: sent, among: rows) { doubt.answer($0) }
    }

    /// Only what the call itself said and the payment repeats: an account that the API would have to deduce may not be how it files
    /// the payment.
    private func filter(_ call: Call) -> [(name: String, value: String)] {
        let owner = ["accountNumber", "identityId"].first { call.body?[$0]?.string != nil }
        return (["type"] + (owner.map { [$0] } ?? [])).compactMap { name in call.body?[name]?.string.map { (name, $0) } }
    }

    private func refund(_ sent: JSON, _ doubt: Doubt) async throws(CallFailure) -> Finding {
        var refund: JSONObject = [:]
        refund["totalAmount"] = sent["totalAmount"] ?? sent["purchaseAmount"]
        refund["description"] = sent["description"]
        refund["externalId"] = sent["externalId"]
        return try await RefundsOfPayment(of: doubt.sent("parentPaymentId") ?? "", doubt).find(.object(refund), for: doubt) {
            doubt.answer($0)
        }
    }
}

extension Likeness {
    /// A payment is named by its `externalId` alone. Its nodes may be masked or completed on the way, so they decide nothing.
    static func ofPayment(_ sent: JSON) -> Likeness {
        // Fees stand between the two amounts: the one that was asked for is the one that comes back.
        let amount = sent["purchaseAmount"] == nil ? "totalAmount" : "purchaseAmount"
        return Likeness(
            names: sent["externalId"]?.string?.isEmpty == false ? ["externalId"] : [], isUnique: true,
            decisive: ["externalId", "type", "product", "purchaseCurrency", "currency", amount], others: ["totalAmount"])
    }
}
