import ConomyAPI
import ExactJSON

struct CheckoutSessionsPayProbe: CreationProbe {
    let operation = "checkout_sessions.pay"
    let search = "all payments of the session, then the session's status"
    let presence = """
        exactly one payment of the session over the rail that was sent, that no other effect is known to have made; a payer's own is \
        taken for it, as a session is paid once
        """
    let absence = "other effects are known to have made every payment of the session, and its status agrees with that"
    let repetition = "is refused with 422 while a payment of the session is on its way; after one that failed it makes another"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("payments.list", filter("checkoutSessionId", call.objectID))
    }

    func said(_ call: Call) -> JSON {
        var said: JSONObject = ["checkoutSessionId": .string(call.objectID ?? "")]
        said["description"] = call.body?["description"]
        let rails =
            (call.body?["origins"]?.array ?? []).map { $0["type"] ?? nil } + [call.body?["paymentMethod"]].compactMap { $0 }
        said["origins"] = .array(rails.map { ["type": $0] })
        return .object(said)
    }

    func likeness(_ sent: JSON) -> Likeness {
        Likeness(names: ["checkoutSessionId", "origins"], decisive: ["checkoutSessionId"], others: ["description"])
    }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let (operation, query) = listing(doubt.call)
        let rows = try await doubt.rows(
            operation, query: query + doubt.since + [("sort", "createdAt:asc")], holdsWitness: true)
        let sent = said(doubt.call)
        let finding = try await doubt.recognise(likeness(sent), as: sent, among: rows) { doubt.answer($0) }
        guard case .absent = finding else { return finding }
        let status = try await doubt.knownObject("checkout_sessions.get", doubt.pathID())["status"]?.string ?? "of no status"
        let isUnpaid = ["ATTEMPT", "ACTIVE", "EXPIRED", "FAILED"].contains(status)
        let isPaid = ["PROCESSING_PAYMENT", "FINISHED"].contains(status)
        guard isUnpaid || (isPaid && rows.contains { $0["checkoutSessionId"]?.string == doubt.pathID() }) else {
            return .unknown("the session is \(status), and no payment of it is listed")
        }
        return finding
    }
}
