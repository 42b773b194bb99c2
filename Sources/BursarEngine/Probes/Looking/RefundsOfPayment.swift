import ConomyAPI
import ExactJSON

/// All refunds of one payment, read in two ways that must agree: the summary with its totals, and the list.
struct RefundsOfPayment {
    /// As the list shows them: payments of type REFUND.
    let children: [JSON]
    /// What could still be refunded.
    let left: Money

    /// - Throws: where either cannot be read, or they contradict each other or themselves.
    init(of parent: String, _ doubt: Doubt) async throws(CallFailure) {
        let body = try await doubt.knownObject("payments.refund_summary", parent, naming: "parentId")
        guard let items = body["refunds"]?.array, let summary = body["summary"] else {
            throw .unclear("the refund summary of \(parent) is incomplete")
        }
        let all = try await doubt.rows(
            "refunds.list", query: [("parentPaymentId", parent), ("sort", "createdAt:asc")], holdsWitness: true)
        // A filter that an API does not know is ignored by it.
        guard all.allSatisfy({ $0["parentPaymentId"]?.string != nil }) else {
            throw .unclear("a refund does not say of which payment")
        }
        let listed = all.filter { $0["parentPaymentId"]?.string == parent }
        guard items.count == listed.count else {
            throw .unclear("the summary of \(parent) has \(items.count) refunds, and the list \(listed.count)")
        }
        children = try listed.map { row throws(CallFailure) in
            guard let item = items.first(where: { $0["id"] == row["id"] }) else {
                throw .unclear("refund \(row["id"]?.string ?? "") is in the list and not in the summary")
            }
            return try RefundsOfPayment.merged(row, item)
        }
        left = try RefundTotals(summary, of: parent).left(agreeingWith: items)
    }

    /// What either shows. They may not differ in what a refund keeps for ever.
    private static func merged(_ row: JSON, _ item: JSON) throws(CallFailure) -> JSON {
        var result = row.object ?? [:]
        for member in ["totalAmount", "currency", "description", "createdAt"] {
            guard let shown = item[member], !shown.isNull else { continue }
            guard Agreement(sent: shown, shown: row[member], name: member) != .different else {
                throw .unclear("\(member) of refund \(row["id"]?.string ?? "") is not the same in the list and in the summary")
            }
            if row[member]?.string == nil { result[member] = shown }
        }
        return .object(result)
    }

    /// The child that a call made.
    /// - Parameters:
    ///   - sent: the call's `totalAmount`, `description` and `externalId`, as far as it had them. Without an amount it took all that was
    ///     left.
    ///   - answer: what the API would have said, made from the child.
    func find(_ sent: JSON, for doubt: Doubt, answer: (JSON) -> Answer) async throws(CallFailure) -> Finding {
        // No fee or conversion stands between the amount asked for and the refund's. A reason may be rewritten or not be shown: one
        // that differs proves nothing.
        let name = ["externalId", "description"].first { sent[$0]?.string?.isEmpty == false }
        let likeness = Likeness(names: name.map { [$0] } ?? [], decisive: ["totalAmount", "externalId"])
        let finding = try await doubt.recognise(likeness, as: sent, among: children, answer: answer)
        guard case .present(let found, let evidence) = finding, sent["totalAmount"] == nil else { return finding }
        let isStamped = doubt.stamp != nil && name.flatMap { sent[$0]?.string } == doubt.stamp
        let hasFailed = RefundTotals.failed.contains(found.body?["status"]?.string ?? "")
        guard isStamped || hasFailed || left.minorUnits == 0 else {
            return .unknown("\(evidence), but \(left) is left to refund, and this effect took everything")
        }
        return finding
    }
}

/// The totals of a payment's refunds by the documented buckets.
struct RefundTotals {
    static let failed: Set = ["FAILED", "EXPIRED", "UNSETTLED"]
    private static let inProgress: Set = ["CREATED", "AUTHORIZED", "CAPTURED", "RECEIVED"]
    private static let refunded: Set = ["SETTLED"]

    private let summary: JSON
    private let currency: Currency
    private let parent: String

    init(_ summary: JSON, of parent: String) throws(CallFailure) {
        guard summary["parentPaymentId"]?.string == parent, let code = summary["currency"]?.string else {
            throw .unclear("the refund summary is not that of \(parent)")
        }
        (self.summary, currency, self.parent) = (summary, Currency(code), parent)
    }

    /// What is left to refund, once every total is what the children add up to.
    ///
    /// Some states are in no bucket of the documents, REQUIRES_REVIEW among them: their amounts may be counted or not.
    func left(agreeingWith children: [JSON]) throws(CallFailure) -> Money {
        var sums: [String: (amount: Money, count: Int)] = [:]
        for child in children {
            guard let id = child["id"]?.string, child["parentPaymentId"]?.string == parent, let status = child["status"]?.string,
                child["currency"]?.string ?? currency.code == currency.code
            else { throw .unclear("the summary of \(parent) has a refund that is not its own, or no refund") }
            let bucket =
                RefundTotals.refunded.contains(status)
                ? "totalRefunded"
                : RefundTotals.inProgress.contains(status)
                    ? "totalInProgress" : RefundTotals.failed.contains(status) ? "totalFailed" : "loose"
            let known = sums[bucket] ?? (.zero(currency), 0)
            sums[bucket] = (known.amount + (try money(child, "totalAmount", "refund \(id)")), known.count + 1)
        }
        let loose = sums["loose"] ?? (.zero(currency), 0)
        var taken = Money.zero(currency)
        for (bucket, counter) in [
            ("totalRefunded", "completedCount"), ("totalInProgress", "inProgressCount"), ("totalFailed", "failedCount"),
        ] {
            let (sum, count) = sums[bucket] ?? (.zero(currency), 0)
            let said = try money(summary, bucket, "the summary of \(parent)")
            guard said >= sum, said <= sum + loose.amount else {
                throw .unclear("\(bucket) of \(parent) is \(said), and its refunds add up to \(sum)")
            }
            if let number = summary[counter]?.integer, number < count || number > count + loose.count {
                throw .unclear("\(counter) of \(parent) is \(number), and there are \(count)")
            }
            if bucket != "totalFailed" { taken = taken + said }
        }
        let whole = try money(summary, "parentAmount", "the summary of \(parent)")
        let left = try money(summary, "maxRefundable", "the summary of \(parent)")
        let most = whole - taken ?? .zero(currency)
        let least = most - loose.amount ?? .zero(currency)
        guard left <= most, left >= least else {
            throw .unclear("maxRefundable of \(parent) is \(left), and \(whole) without its refunds is \(most)")
        }
        return left
    }

    private func money(_ object: JSON, _ member: String, _ of: String) throws(CallFailure) -> Money {
        guard let text = object[member]?.string, let amount = try? Money(text, currency) else {
            throw .unclear("\(member) of \(of) is no amount")
        }
        return amount
    }
}
