import ConomyAPI
import ExactJSON

/// Deposits that arrive on push rails without saying for whom: they wait in CREATED until somebody claims them.
extension Bank {
    /// Money arrives from outside over a push rail. With the code of a payment that waits for it, it is that payment's;
    /// otherwise it waits to be assigned. A transfer that came before, by its provider's reference, is not booked again.
    /// - Returns: the id of the payment; nil where the amount is below the rail's minimum: it never becomes a payment.
    mutating func deposit(rail: Rail, amount: Money, code: String?, originator: JSON?, reference: String?) -> String? {
        look()
        if let reference, let position = payments.arrived(rail: rail, reference: reference) { return payments[position].id }
        guard amount <= .most(amount.currency), minimum(rail.type, amount.currency).map({ amount >= $0 }) ?? true else {
            return nil
        }
        if let position = awaited(rail, amount, code: code) {
            payments.change(position) {
                $0.more.fields.providerReference = reference
                $0.more.fields.hasArrived = true
            }
            if payments[position].state != .requiresReview {
                capture(position)
                receive(position)
            }
            return payments[position].id
        }
        var payment = Payment(
            id: newID(), kind: .localDeposit, state: .created, total: amount, purchase: amount, externalID: reference,
            product: "\(amount.currency):\(amount.currency)", createdAt: now, updatedAt: now)
        payment.origins = [["type": .string(rail.type), "currency": .string(amount.currency.code), rail.key: [:]]]
        payment.more.fields.expiresAt = now.adding(milliseconds: options.unassignedLife.milliseconds)
        payment.more.fields.originator = originator
        payment.more.fields.hasArrived = true
        payment.more.fields.providerReference = reference
        payment.more.fields.customerID = depositor(originator)
        let isBlocked = (try? checkCustomer(payment.more.fields.customerID, amount)) == nil
        if !isBlocked { gate(&payment, traits(payment)) }
        let position = enter(payment)
        if isBlocked {
            // Money that its sender may not move goes back.
            end(position, .failed)
            sendBack(position)
        }
        return payment.id
    }

    private func traits(_ payment: Payment) -> PaymentTraits {
        PaymentTraits(
            payment.kind, purchaseCurrency: (payment.purchase ?? payment.total).currency.code,
            currency: payment.total.currency.code, nodes: payment.origins + payment.destinations,
            country: payment.identityID.flatMap { identities[$0]?.text("country") })
    }

    /// The payment that waits for this amount under this code. An announced one comes true, under the id it was announced with.
    private mutating func awaited(_ rail: Rail, _ amount: Money, code: String?) -> Int? {
        guard let code else { return nil }
        if let position = payments.waiting(rail: rail, code: code),
            (payments[position].purchase ?? payments[position].total) == amount
        {
            return position
        }
        let announced = attempts.found("\(rail.type) \(code)").first { ($0.purchase ?? $0.total) == amount }
        // An account may have been deleted since it was announced.
        guard var payment = announced, payments.position(payment.id) == nil,
            payment.accountNumbers.allSatisfy({ accounts[number: $0] != nil })
        else { return nil }
        payment.state = .created
        gate(&payment, traits(payment))
        return enter(payment)
    }

    /// The customer behind a deposit: known by document number, or made now.
    private mutating func depositor(_ originator: JSON?) -> String? {
        guard let originator, let document = originator["documentNumber"]?.string else { return nil }
        if let known = customers.found("documentNumber \(document)").first { return known.id }
        var fields: JSONObject = ["documentNumber": .string(document)]
        fields["firstName"] = originator["firstName"]
        fields["lastName"] = originator["lastName"]
        let customer = Customer(id: newID(), fields: fields, isAutoCreated: true, createdAt: now, updatedAt: now)
        customers.put(customer)
        return customer.id
    }

    private func waiting(_ call: Call) -> [Payment] {
        guard call.queryValues["clientId"] == options.credentials.clientID else { return [] }
        return payments.unassigned.map { payments[$0] }.filter(\.isUnassigned).sorted {
            $0.createdAt == $1.createdAt ? $0.id < $1.id : $0.createdAt < $1.createdAt
        }
    }

    /// The answer's total has room for one currency: that of the deposit that waits longest. Others are listed and not summed.
    private func sum(_ deposits: [Payment]) -> Money {
        let currency = deposits.first?.total.currency ?? accounts.all.first { _ in true }?.currency ?? Currency("USD")
        return deposits.reduce(Money.zero(currency)) { $1.total.currency == currency ? $0 + $1.total : $0 }
    }

    func getUnassignedBalance(_ call: Call) throws(Refusal) -> Answer {
        let deposits = waiting(call)
        let total = sum(deposits)
        let soon = now.adding(milliseconds: options.unassignedUrgency.milliseconds)
        let urgent = deposits.filter { expiry($0) < soon }.map { payment -> JSON in
            var object: JSONObject = ["paymentId": .string(payment.id)]
            let person = payment.more.fields.originator
            let name = [person?["firstName"]?.string, person?["lastName"]?.string].compactMap { $0 }.joined(separator: " ")
            if !name.isEmpty { object["originanteName"] = .string(name) }
            object["amount"] = .string(payment.total.text)
            object["currency"] = .string(payment.total.currency.code)
            object["expiresAt"] = .string(expiry(payment).description)
            object["hoursRemaining"] = .integer(hoursLeft(payment))
            return .object(object)
        }
        return Answer(
            status: 200,
            body: [
                "clientId": .string(call.queryValues["clientId"] ?? ""), "totalAmount": .string(total.text),
                "currency": .string(total.currency.code),
                "count": .integer(deposits.count), "urgent": .array(urgent),
            ])
    }

    private func expiry(_ payment: Payment) -> Timestamp {
        payment.more.fields.expiresAt ?? payment.createdAt.adding(milliseconds: options.unassignedLife.milliseconds)
    }

    /// Whole hours until a deposit expires.
    private func hoursLeft(_ payment: Payment) -> Int {
        Int(max(0, expiry(payment).millisecondsSince1970 - now.millisecondsSince1970) / 3_600_000)
    }

    func listUnassignedPayments(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let (offset, limit) = try call.pageBounds()
        let deposits = waiting(call)
        // A bound is a number of major units: what it bounds is in many currencies. No currency has more decimals than this one.
        func bound(_ name: String) throws(Refusal) -> PaymentSort.SortableAmount? {
            try query[name].map { text throws(Refusal) in .init(try money(text, Currency("USDC"), name)) }
        }
        let (least, most) = (try bound("amountMin"), try bound("amountMax"))
        let hours = query["expiresWithin"].flatMap { Int($0.dropLast()) }
        let matches = deposits.filter { payment in
            let isInTime = hours.map { expiry(payment) <= now.adding(milliseconds: Int64($0) * 3_600_000) } ?? true
            let isInBounds =
                (least.map { .init(payment.total) >= $0 } ?? true) && (most.map { .init(payment.total) <= $0 } ?? true)
            let person = payment.more.fields.originator
            let texts =
                [payment.id, payment.more.fields.providerReference ?? ""]
                + ["firstName", "lastName", "documentNumber"].compactMap { person?[$0]?.string }
            let isFound =
                query["search"].map { wanted in texts.contains { $0.lowercased().contains(wanted.lowercased()) } } ?? true
            return isInTime && isInBounds && isFound
        }
        let page = matches.dropFirst(offset).prefix(limit).map { payment -> JSON in
            var object: JSONObject = ["paymentId": .string(payment.id)]
            object["providerReference"] = payment.more.fields.providerReference.map(JSON.string)
            object["amount"] = .string(payment.total.text)
            object["currency"] = .string(payment.total.currency.code)
            object["receivedAt"] = .string(payment.createdAt.description)
            object["expiresAt"] = .string(expiry(payment).description)
            object["originante"] = payment.more.fields.originator
            object["customerId"] = payment.more.fields.customerID.map(JSON.string)
            return .object(object)
        }
        let total = sum(matches)
        return Answer(
            status: 200,
            body: [
                "total": .integer(matches.count), "totalAmount": .string(total.text), "currency": .string(total.currency.code),
                "payments": .array(Array(page)),
            ])
    }

    /// Claims a deposit for an account: it settles at once. Where another amount was expected, a companion carries the difference.
    mutating func assignPayment(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let payment = payments[position]
        guard payment.isUnassigned else {
            throw .state("payment \(payment.id) is \(payment.state.rawValue) and waits for no account")
        }
        let body = call.body ?? [:]
        let name = body["accountNumber"]?.string ?? body["accountId"]?.string ?? ""
        guard let account = body["accountNumber"] != nil ? named(name) : accounts[id: name] else {
            throw .notFound("account", name)
        }
        guard account.status == "ACTIVE" else { throw .state("account \(name) is \(account.status)") }
        try checkActive(payment.more.fields.customerID.flatMap { customers[$0] })
        let currency = payment.total.currency
        guard account.currency == currency else {
            throw .state("account \(name) is in \(account.currency), and the deposit in \(currency)")
        }
        let expected =
            try body["expectedAmount"]?.string.map { text throws(Refusal) in
                let amount = try money(text, currency, "expectedAmount")
                guard amount.minorUnits > 0 else { throw Refusal.invalid("expectedAmount is zero") }
                return amount
            }
            ?? payment.total
        let difference = payment.total - expected ?? expected - payment.total ?? .zero(currency)
        let isClose = difference <= options.amount(options.assignTolerances, currency) ?? .zero(currency)
        let rail = payment.origins.first?["type"]?.string ?? ""
        let isBelowMinimum = minimum(rail, currency).map { payment.total < $0 } ?? false
        let status =
            isBelowMinimum ? "MINIMUM_PAID" : isClose ? "PAID" : payment.total < expected ? "UNDERPAID" : "OVERPAID"

        let node: JSON = [
            "type": "ACCOUNT", "currency": .string(currency.code), "account": ["accountNumber": .string(account.number)],
        ]
        let now = now
        change(position) {
            $0.state = .settled
            $0.accountNumber = account.number
            $0.identityID = account.identityID
            $0.destinations = [node]
            $0.isCommitted = true
            $0.settledAt = now
            $0.more.fields.reconciliationStatus = status
        }
        move(payment.originLegs, to: [Leg(party: account.number, amount: payment.total)], payment: payment.id, at: now)
        var answer: JSONObject = [
            "paymentId": .string(payment.id), "accountNumber": .string(account.number), "accountId": .string(account.id),
            "status": "SETTLED",
            "reconciliationStatus": .string(status), "settledAt": .string(now.description),
            "totalAmount": .string(payment.total.text),
            "currency": .string(currency.code),
        ]
        if !isClose {
            let companion = addCompanion(of: position, difference, account)
            tell(status == "UNDERPAID" ? "purchase.underpaid" : "purchase.overpaid", payments[position])
            answer["relatedPaymentId"] = .string(companion)
            answer["childPaymentId"] = .string(companion)
        }
        return Answer(status: 200, body: .object(answer))
    }

    /// The record of a difference. No money of its own: what arrived is booked on the deposit itself.
    private mutating func addCompanion(of position: Int, _ difference: Money, _ account: Account) -> String {
        let deposit = payments[position]
        var companion = Payment(
            id: newID(), kind: .localDeposit, state: .attempt, total: difference, purchase: difference,
            identityID: account.identityID, accountNumber: account.number, product: deposit.product, parentID: deposit.id,
            createdAt: now,
            updatedAt: now)
        companion.more.fields.relatedPaymentID = deposit.id
        companion.more.fields.reconciliationStatus = deposit.more.fields.reconciliationStatus
        _ = enter(companion)
        payments.change(position) { $0.more.fields.relatedPaymentID = companion.id }
        return companion.id
    }
}
