import ConomyAPI
import ExactJSON

/// Deposits that arrive on push rails without saying for whom: they wait in CREATED until somebody claims them.
extension Bank {
    /// Money arrives from outside over a push rail. With the code of a payment that waits for it, it is that payment's;
    /// otherwise it waits to be assigned.
    /// - Returns: the id of the payment.
    mutating func deposit(rail: Rail, amount: Money, code: String?, originator: JSON?, reference: String?) -> String {
        look()
        if let code, let position = payments.waiting(rail: rail, code: code), payments[position].total == amount {
            capture(position)
            receive(position)
            return payments[position].id
        }
        if let code, var attempt = attempts.all.first(where: { $0.waits(rail, code) && $0.total == amount }),
            payments.position(attempt.id) == nil,
            // An account may have been deleted since it was announced.
            attempt.accountNumbers.allSatisfy({ accounts[number: $0] != nil })
        {
            // The announced payment comes true, under the id it was announced with.
            attempt.state = .created
            let position = payments.add(attempt)
            capture(position)
            receive(position)
            return attempt.id
        }
        var payment = Payment(
            id: newID(), kind: .localDeposit, state: .created, total: amount, purchase: amount, externalID: reference,
            product: "\(amount.currency):\(amount.currency)", createdAt: now, updatedAt: now)
        payment.origins = [["type": .string(rail.type), "currency": .string(amount.currency.code), rail.key: [:]]]
        let expiry = now.adding(milliseconds: options.unassignedLife.milliseconds)
        payment.more.fields.expiresAt = expiry
        payment.more.fields.originator = originator
        payment.more.fields.providerReference = reference
        payment.more.fields.customerID = depositor(originator)
        let position = payments.add(payment)
        due.plan(.expire(payment: position), at: expiry)
        return payment.id
    }

    /// The customer behind a deposit: known by document number, or made now.
    private mutating func depositor(_ originator: JSON?) -> String? {
        guard let originator, let document = originator["documentNumber"]?.string else { return nil }
        if let known = customers.found("documentNumber \(document)").first { return known.id }
        var fields: JSONObject = ["documentNumber": .string(document)]
        fields["firstName"] = originator["firstName"]
        fields["lastName"] = originator["lastName"]
        let customer = Customer(id: newID(), fields: fields, isAutoCreated: true, createdAt: now, updatedAt: now)
        customers.put(customer, customer.id)
        return customer.id
    }

    private func waiting(_ call: Call) -> [Payment] {
        guard call.queryValues["clientId"] == options.credentials.clientID else { return [] }
        return payments.unassigned.map { payments[$0] }.filter(\.isUnassigned).sorted {
            $0.createdAt == $1.createdAt ? $0.id < $1.id : $0.createdAt < $1.createdAt
        }
    }

    /// The answer has room for one currency: that of the deposit that waits longest. Others are neither summed nor counted.
    private func sum(_ deposits: [Payment]) -> (currency: Currency, total: Money, of: [Payment]) {
        let currency = deposits.first?.total.currency ?? accounts.all.first { _ in true }?.currency ?? Currency("USD")
        let same = deposits.filter { $0.total.currency == currency }
        return (currency, same.reduce(Money.zero(currency)) { $0 + $1.total }, same)
    }

    func getUnassignedBalance(_ call: Call) throws(Refusal) -> Answer {
        let (currency, total, deposits) = sum(waiting(call))
        let urgent = deposits.filter { hoursLeft($0) < 6 }.map { payment -> JSON in
            var object: JSONObject = ["paymentId": .string(payment.id)]
            let person = payment.more.fields.originator
            let name = [person?["firstName"]?.string, person?["lastName"]?.string].compactMap { $0 }.joined(separator: " ")
            if !name.isEmpty { object["originanteName"] = .string(name) }
            object["amount"] = .string(payment.total.text)
            object["currency"] = .string(currency.code)
            object["expiresAt"] = .string(expiry(payment).description)
            object["hoursRemaining"] = .integer(hoursLeft(payment))
            return .object(object)
        }
        return Answer(
            status: 200,
            body: [
                "clientId": .string(call.queryValues["clientId"] ?? ""), "totalAmount": .string(total.text),
                "currency": .string(currency.code),
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
        let (currency, _, deposits) = sum(waiting(call))
        let least = try query["amountMin"].map { text throws(Refusal) in try money(text, currency, "amountMin") }
        let most = try query["amountMax"].map { text throws(Refusal) in try money(text, currency, "amountMax") }
        let hours = query["expiresWithin"].flatMap { Int($0.dropLast()) }
        let matches = deposits.filter { payment in
            let isInTime = hours.map { expiry(payment) <= now.adding(milliseconds: Int64($0) * 3_600_000) } ?? true
            let isInBounds = (least.map { payment.total >= $0 } ?? true) && (most.map { payment.total <= $0 } ?? true)
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
            object["currency"] = .string(currency.code)
            object["receivedAt"] = .string(payment.createdAt.description)
            object["expiresAt"] = .string(expiry(payment).description)
            object["originante"] = payment.more.fields.originator
            object["customerId"] = payment.more.fields.customerID.map(JSON.string)
            return .object(object)
        }
        let total = matches.reduce(Money.zero(currency)) { $0 + $1.total }
        return Answer(
            status: 200,
            body: [
                "total": .integer(matches.count), "totalAmount": .string(total.text), "currency": .string(currency.code),
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
        guard let account = body["accountNumber"] != nil ? accounts[number: name] : accounts[id: name] else {
            throw .notFound("account", name)
        }
        guard account.status == "ACTIVE" else { throw .state("account \(name) is \(account.status)") }
        let currency = payment.total.currency
        guard account.currency == currency else {
            throw .state("account \(name) is in \(account.currency), and the deposit in \(currency)")
        }
        let expected =
            try body["expectedAmount"]?.string.map { text throws(Refusal) in try money(text, currency, "expectedAmount") }
            ?? payment.total
        let status = expected == payment.total ? "PAID" : payment.total < expected ? "UNDERPAID" : "OVERPAID"

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
        if let difference = payment.total - expected ?? expected - payment.total, difference.minorUnits > 0 {
            let companion = addCompanion(of: position, difference, account)
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
        payments.add(companion)
        payments.change(position) { $0.more.fields.relatedPaymentID = companion.id }
        return companion.id
    }
}

extension PaymentBook {
    /// The payment that waits for a deposit with this code, where a push rail gave one out.
    func waiting(rail: Rail, code: String) -> Int? {
        payments.indices.last { position in
            (payments[position].state.isCreated || payments[position].state == .authorized)
                && payments[position].waits(rail, code)
        }
    }
}

extension Payment {
    /// Its payer was told this code.
    func waits(_ rail: Rail, _ code: String) -> Bool {
        origins.contains { $0["type"]?.string == rail.type && $0[rail.key]?["code"]?.string == code }
    }
}
