import ConomyAPI
import ExactJSON

/// Refunds are child payments that carry money the way back.
///
/// What a refund takes is held in the parent's destination accounts when it is made, and leaves them when it settles. A parent
/// that paid several accounts gives back from them in their order, from each at most what it received.
extension Bank {
    func refundTotals(_ position: Int) -> RefundTotals {
        let payment = payments[position]
        let difference = payment.more.isEmpty ? 0 : payment.more.fields.refundableDifference
        return RefundTotals(payments.refundSums(of: position), of: payment.total, difference: difference)
    }

    mutating func refundPayment(_ call: Call) throws(Refusal) -> Answer {
        let parent = try position(call)
        let child = try refund(parent, amount: call.body?["amount"]?.string, field: "amount", about: call.body?["reason"]?.string)
        let refund = payments[child]
        return Answer(
            status: 201,
            body: [
                "refundId": .string(refund.id), "parentPaymentId": .string(payments[parent].id),
                "status": .string(refund.state.rawValue),
                "totalAmount": .string(refund.total.text), "currency": .string(refund.total.currency.code),
                "createdAt": .string(refund.createdAt.description),
            ])
    }

    /// `POST /payments` with type REFUND: either amount, or all that is left; nodes are derived from the parent.
    mutating func createRefundPayment(_ body: JSON) throws(Refusal) -> Answer {
        let parent = try position(payment: body["parentPaymentId"]?.string ?? "")
        let currency = payments[parent].total.currency
        for field in ["currency", "purchaseCurrency"] {
            if let code = body[field]?.string, code != currency.code {
                throw .invalid("\(field) is \(code), and payment \(payments[parent].id) is in \(currency)")
            }
        }
        for (field, expected) in [("identityId", payments[parent].identityID), ("accountNumber", payments[parent].accountNumber)]
        {
            if let given = body[field]?.string, let expected, given != expected {
                throw .invalid("\(field) is \(given), and payment \(payments[parent].id) has \(expected)")
            }
        }
        let amounts = ["totalAmount", "purchaseAmount"].compactMap { body[$0]?.string }
        if amounts.count == 2, try money(amounts[0], currency, "totalAmount") != money(amounts[1], currency, "purchaseAmount") {
            throw .invalid("totalAmount and purchaseAmount differ; a refund has one amount")
        }
        try checkExternalID(body)
        let child = try refund(
            parent, amount: amounts.first, field: "totalAmount", about: body["description"]?.string,
            externalID: body["externalId"]?.string)
        return answer(child)
    }

    /// Makes a refund: checks and reserves in one step.
    /// - Returns: the position of the child, which starts RECEIVED.
    private mutating func refund(
        _ parent: Int, amount text: String?, field: String, about: String?, externalID: String? = nil
    ) throws(Refusal) -> Int {
        let payment = payments[parent]
        guard payment.kind != .refund else { throw .state("payment \(payment.id) is a refund itself") }
        guard payment.state == .settled else {
            throw .state("payment \(payment.id) is \(payment.state.rawValue); only a SETTLED payment can be refunded")
        }
        try checkActive(payment.more.fields.customerID.flatMap { customers[$0] })
        let left = refundTotals(parent).maxRefundable
        let asked = try text.map { text throws(Refusal) in try money(text, payment.total.currency, field) } ?? left
        guard asked.minorUnits > 0 else {
            throw left.minorUnits == 0 ? .state("payment \(payment.id) has nothing left to refund") : .invalid("\(field) is zero")
        }
        guard asked <= left else {
            throw .state("payment \(payment.id) has \(left) left to refund, and \(asked) was asked for")
        }
        let sources = self.sources(of: asked, parent)
        let targets = self.targets(of: asked, parent)
        for leg in sources + targets where leg.isAccount && accounts[number: leg.party] == nil {
            throw .state("account \(leg.party), which payment \(payment.id) moved money of, is gone")
        }
        try checkActive(sources)
        try hold(sources)
        return addRefund(of: parent, asked, sources: sources, targets: targets, about: about, externalID: externalID)
    }

    /// - Parameters:
    ///   - sources: already held, as far as they are accounts.
    ///   - nodes: the parent's nodes the sources come from; its destinations where none are given.
    private mutating func addRefund(
        of parent: Int, _ amount: Money, sources: [Leg], from nodes: [JSON]? = nil, targets: [Leg], about: String?,
        externalID: String?
    ) -> Int {
        let payment = payments[parent]
        var refund = Payment(
            id: newID(), kind: .refund, state: .received, total: amount, purchase: amount, externalID: externalID,
            identityID: payment.identityID, accountNumber: payment.accountNumber,
            product: "\(amount.currency):\(amount.currency)", about: about, parentID: payment.id, createdAt: now, updatedAt: now)
        refund.origins = Bank.nodes(nodes ?? payment.destinations, carrying: sources, of: amount)
        refund.destinations = Bank.nodes(payment.origins, carrying: targets, of: amount)
        refund.holds = sources.filter(\.isAccount)
        if !payment.more.isEmpty, let customer = payment.more.fields.customerID { refund.more.fields.customerID = customer }
        let child = enter(refund)
        planSettlement(child, after: options.refundSettlementDelay)
        return child
    }

    /// The parent's nodes of one side, as a refund's of the other.
    private static func nodes(_ parentNodes: [JSON], carrying legs: [Leg], of whole: Money) -> [JSON] {
        // The usual case shares the parent's storage.
        if parentNodes.count == 1, legs.count == 1, parentNodes[0]["amount"] == nil, legs[0].amount == whole {
            return parentNodes
        }
        return legs.compactMap { leg in
            guard var node = parentNodes.first(where: { Payment.party($0) == leg.party })?.object else { return nil }
            node["amount"] = .string(leg.amount.text)
            node["currency"] = .string(leg.amount.currency.code)
            return .object(node)
        }
    }

    /// Where the money comes from: the parent's destinations in their order, each up to what other refunds left of it.
    private func sources(of amount: Money, _ parent: Int, except child: Int? = nil) -> [Leg] {
        let legs = payments[parent].destinationLegs
        guard legs.count != 1 else { return [Leg(party: legs[0].party, amount: amount)] }
        guard !legs.isEmpty else { return [Leg(party: payments[parent].accountNumber ?? "external:UNKNOWN", amount: amount)] }
        var rest = LegRemainder(legs)
        for refund in liveRefunds(of: parent, except: child) {
            // A refund the world opened with does not say where it took from; it is taken to have followed the same order.
            if refund.origins.isEmpty { _ = rest.take(refund.total) } else { rest.take(refund.originLegs) }
        }
        return rest.take(amount)
    }

    /// The refunds of a payment that count, oldest first.
    private func liveRefunds(of parent: Int, except child: Int?) -> [Payment] {
        payments.children(of: parent).filter { $0 != child }.map { payments[$0] }
            .filter { $0.kind == .refund && !$0.state.hasFailed }
    }

    /// Sends the money of a refund back to where the parent's came from.
    /// - Returns: false when the accounts do not have it.
    mutating func settleRefund(_ position: Int) -> Bool {
        let refund = payments[position]
        guard let parent = refund.parentID.flatMap({ payments.position($0) }) else { return false }
        // A refund that a world opened with may say neither where it takes from, nor that it holds it.
        let sources = refund.origins.isEmpty ? sources(of: refund.total, parent, except: position) : refund.originLegs
        let targets =
            refund.destinations.isEmpty ? targets(of: refund.total, parent, except: position) : refund.destinationLegs
        guard targets.allSatisfy({ !$0.isAccount || accounts[number: $0.party] != nil }) else { return false }
        if refund.holds.isEmpty, (try? hold(sources)) == nil { return false }
        move(sources, to: targets, payment: refund.id, at: now)
        payments.change(position) { $0.holds = [] }
        return true
    }

    /// Where the money goes: the parent's origins in their order, each up to what other refunds left of what it gave. Across
    /// currencies it is the share of the purchase amount; shares are cut so that full refunds return exactly all of it.
    private func targets(of amount: Money, _ parent: Int, except child: Int? = nil) -> [Leg] {
        let payment = payments[parent]
        let legs = payment.originLegs
        guard let first = legs.first else { return [Leg(party: "external:UNKNOWN", amount: amount)] }
        func share(_ part: Money) -> Money {
            let net = payment.net
            guard net.currency != part.currency, part < payment.total else { return net.currency == part.currency ? part : net }
            // Wide in between: a world may bring amounts of any size.
            let product = part.minorUnits.multipliedFullWidth(by: net.minorUnits)
            return Money(minorUnits: payment.total.minorUnits.dividingFullWidth(product).quotient, net.currency)
        }
        // The usual case needs no look at other refunds.
        if legs.count == 1, first.amount.currency == amount.currency { return [Leg(party: first.party, amount: amount)] }
        var refunded = amount
        var rest = LegRemainder(legs)
        for refund in liveRefunds(of: parent, except: child) {
            refunded = refunded + refund.total
            // As above, and where its nodes do not say how much of the first currency it was.
            let back = refund.destinationLegs.filter { $0.amount.currency == first.amount.currency }
            if back.isEmpty { _ = rest.take(share(refund.total)) } else { rest.take(back) }
        }
        // After earlier roundings there may be less to return than was returned.
        let wanted = share(refunded) - rest.taken ?? .zero(first.amount.currency)
        return legs.count == 1 ? [Leg(party: first.party, amount: wanted)] : rest.take(wanted)
    }

    /// Money that arrived and may not stay goes back to its sender: nobody claimed it in time, or a review rejected it.
    mutating func sendBack(_ position: Int) {
        let payment = payments[position]
        // No fee was taken: all that was sent goes back, though the refund is of what would have arrived.
        let sender = [
            Leg(party: payment.originLegs.first?.party ?? "external:UNKNOWN", amount: payment.purchase ?? payment.total)
        ]
        _ = addRefund(
            of: position, payment.total, sources: sender, from: payment.origins, targets: sender, about: "returned to its sender",
            externalID: nil)
    }

    func getRefundSummary(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let id = payments[position].id
        let totals = refundTotals(position)
        let refunds = payments.children(of: position).filter { payments[$0].kind == .refund }
        let summary: JSON = [
            "parentPaymentId": .string(id), "parentAmount": .string(totals.parent.text),
            "currency": .string(totals.parent.currency.code),
            "totalRefunded": .string(totals.refunded.text), "totalInProgress": .string(totals.inProgress.text),
            "totalFailed": .string(totals.failed.text), "maxRefundable": .string(totals.maxRefundable.text),
            "completedCount": .integer(totals.completedCount), "inProgressCount": .integer(totals.inProgressCount),
            "failedCount": .integer(totals.failedCount),
        ]
        return Answer(
            status: 200,
            body: ["parentId": .string(id), "refunds": .array(refunds.map { item(payments[$0]) }), "summary": summary])
    }

    private func item(_ refund: Payment) -> JSON {
        var object: JSONObject = [
            "id": .string(refund.id), "parentPaymentId": .string(refund.parentID ?? ""), "status": .string(refund.state.rawValue),
            "totalAmount": .string(refund.total.text), "currency": .string(refund.total.currency.code),
            "createdAt": .string(refund.createdAt.description),
        ]
        object["description"] = refund.about.map(JSON.string)
        return .object(object)
    }

    func listRefunds(_ call: Call) throws(Refusal) -> Answer { try listPayments(call, kind: .refund) }

    func listRefundsLegacy(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let (offset, limit) = try call.pageBounds()
        var span = DaySpan()
        span.from = query["dateFrom"].flatMap { Timestamp($0) }
        // The end is an instant here, and included.
        span.until = query["dateTo"].flatMap { Timestamp($0) }?.adding(milliseconds: 1)
        let isTenant = query["clientId"].map { $0 == options.credentials.clientID } ?? true
        let matches = payments.candidates([.kind(.refund)], span).positions.reversed().filter { position in
            isTenant && query.allows("status", payments[position].state.rawValue)
        }
        let page = matches.dropFirst(offset).prefix(limit).map { item(payments[$0]) }
        return Answer(status: 200, body: ["total": .integer(matches.count), "refunds": .array(Array(page))])
    }
}

extension PaymentState {
    /// A refund in this state gives its amount back to the parent.
    var hasFailed: Bool { self == .failed || self == .expired || self == .unsettled || self == .reversed }
}

/// Legs that refunds use up, none beyond what it has.
private struct LegRemainder {
    private var legs: [Leg]
    private(set) var taken: Money

    /// - Parameter legs: at least one, all in one currency.
    init(_ legs: [Leg]) {
        self.legs = legs
        taken = .zero(legs[0].amount.currency)
    }

    /// Takes from the legs in their order, or from those of one party.
    /// - Returns: what was taken from where; less than the amount where the legs have less.
    mutating func take(_ amount: Money, from party: String? = nil) -> [Leg] {
        var wanted = amount
        var result: [Leg] = []
        for index in legs.indices where party == nil || legs[index].party == party {
            let part = min(wanted, legs[index].amount)
            guard part.minorUnits > 0 else { continue }
            wanted = wanted - part ?? .zero(part.currency)
            legs[index].amount = legs[index].amount - part ?? .zero(part.currency)
            taken = taken + part
            result.append(Leg(party: legs[index].party, amount: part))
        }
        return result
    }

    /// Takes what another refund took.
    mutating func take(_ other: [Leg]) { for leg in other { _ = take(leg.amount, from: leg.party) } }
}
