public import ConomyAPI
import ExactJSON

/// Takes in objects of another bank, as they were read there. What is here already stays as it is.
extension Bank {
    mutating func adopt(_ part: AdoptedPart, _ object: JSONObject) throws(WorldError) {
        let entry = Entry(part: part.rawValue, index: 0, object: object)
        let id = try entry.needed("id")
        guard !has(part, id) else { return }
        switch part {
        case .identities: try adopt(identity: entry)
        case .accounts: try adopt(account: entry)
        case .customers: try open(customer: entry)
        case .payments: try adopt(payment: entry)
        case .paymentAttempts:
            var reader = PaymentReader(accounts: accounts)
            attempts.put(try reader.payment(entry, isAdopted: true))
        case .paymentLinks: try open(link: entry)
        case .checkoutSessions: try open(session: entry)
        case .rules: rules.put(Rule(id: id, fields: object))
        }
    }

    func has(_ part: AdoptedPart, _ id: String) -> Bool {
        switch part {
        case .identities: identities[id] != nil
        case .accounts: accounts[id: id] != nil
        case .customers: customers[id] != nil
        case .payments: payments.position(id) != nil
        case .paymentAttempts: attempts[id] != nil
        case .paymentLinks: links[id] != nil
        case .checkoutSessions: sessions[id] != nil
        case .rules: rules[id] != nil
        }
    }

    /// Answers show the fee rules kept on an identity as its `rules`.
    private mutating func adopt(identity entry: Entry) throws(WorldError) {
        var object = entry.object
        if object["feeRules"] == nil, let rules = object["rules"]?.array {
            object["feeRules"] = .array(rules)
            object["rules"] = nil
        }
        try open(identity: Entry(part: entry.part, index: entry.index, object: object))
    }

    private mutating func adopt(account entry: Entry) throws(WorldError) {
        try open(account: entry, isAdopted: true)
        guard let number = try entry.text("accountNumber"), let account = accounts[number: number] else { return }
        heldElsewhere[number] = account.balance - account.available
    }

    /// The accounts it names are taken in before it. An answer does not say what a payment has set aside, so it follows from how
    /// far it came, as far as its accounts hold that much.
    private mutating func adopt(payment entry: Entry) throws(WorldError) {
        var reader = PaymentReader(accounts: accounts)
        var payment = try reader.payment(entry, isAdopted: true)
        let origins = payment.originLegs.filter(\.isAccount)
        let isOpen = !payment.state.isTerminal && payment.state != .attempt
        if isOpen, payment.kind != .refund, payment.more.fields.capturedAt != nil, !origins.isEmpty {
            // Its money has left; the fees are held until it settles.
            payment.isCommitted = true
            claim(payment.legsOut.fees.filter(\.isAccount), for: &payment)
        } else if isOpen {
            claim(origins, for: &payment)
        }
        let position = payments.add(payment)
        if let time = payment.settlesAt { planSettling(position, at: time) }
        if !payment.state.isTerminal, let time = payment.more.fields.expiresAt { planExpiry(position, at: time) }
        if options.rejectsRepeatedExternalIDs, let id = payment.externalID { externalIDs.insert(id) }
    }

    private mutating func claim(_ legs: [Leg], for payment: inout Payment) {
        var room = heldElsewhere
        for leg in legs {
            guard let left = room[leg.party], left.currency == leg.amount.currency, let rest = left - leg.amount else { return }
            room[leg.party] = rest
        }
        heldElsewhere = room
        payment.holds = legs
    }

    /// Takes in the refunds of a payment from its refund summary. What the summary lets be refunded counts, whatever its refunds
    /// add up to.
    mutating func adopt(refundsOf id: String, _ summary: JSON) throws(WorldError) {
        guard let parent = payments.position(id) else { return }
        let payment = payments[parent]
        let currency = payment.total.currency
        for (index, item) in (summary["refunds"]?.array ?? []).enumerated() {
            let entry = Entry(part: "refunds", index: index, object: item.object ?? [:])
            let id = try entry.needed("id")
            guard payments.position(id) == nil else { continue }
            guard let state = try entry.text("status").flatMap(PaymentState.init) else {
                throw entry.wrong("status", "is \(item["status"]?.text() ?? "missing"), which is no status")
            }
            guard let total = try entry.money("totalAmount", currency) else { throw entry.wrong("totalAmount", "is missing") }
            let created = try entry.time("createdAt") ?? payment.createdAt
            payments.add(
                Payment(
                    id: id, kind: .refund, state: state, total: total, purchase: total, identityID: payment.identityID,
                    accountNumber: payment.accountNumber, product: "\(currency):\(currency)",
                    about: try entry.text("description"), parentID: payment.id, createdAt: created, updatedAt: created))
        }
        let page = Entry(part: "summary", index: 0, object: summary["summary"]?.object ?? [:])
        guard let most = try page.money("maxRefundable", currency) else { return }
        let difference = most.minorUnits - refundTotals(parent).maxRefundable.minorUnits
        if difference != 0 { payments.change(parent) { $0.more.fields.refundableDifference = difference } }
    }

    /// Takes in what an identity may do, where nothing of that is known yet.
    mutating func adopt(permissionsOf id: String, _ permissions: [JSON]) {
        _ = identities.change(id) { if $0.permissions.isEmpty { $0.permissions = permissions } }
    }

    /// Lets happen what payers and providers do, until the payment has come to a state.
    /// - Returns: false where it cannot come there, or where only time is lacking.
    mutating func bring(payment id: String, to wanted: PaymentState) -> Bool {
        look()
        guard let position = payments.position(id) else { return false }
        // One step for each state that waits for somebody else.
        for _ in 0..<4 {
            let payment = payments[position]
            guard payment.state != wanted else { return true }
            guard [.captured, .received, .settled].contains(wanted), payment.settlesAt == nil, !payment.isUnassigned else {
                break
            }
            switch payment.state {
            case .created, .pending, .authorized:
                // Money that leaves an account waits for its owner's capture.
                guard !payment.originLegs.contains(where: \.isAccount) else { return false }
                capture(position)
            case .captured where wanted != .captured: receive(position)
            case .received where wanted == .settled: planSettlement(position, after: .zero)
            default: return false
            }
            look()
        }
        return payments[position].state == wanted
    }

    /// What the bank holds for each account that is here, deleted ones left out.
    var balances: [AccountBalance] {
        accounts.all.map { AccountBalance(number: $0.number, balance: $0.balance, available: $0.available) }
    }
}

/// The kinds of objects that are taken in, by their names in a world.
public enum AdoptedPart: String, Sendable, CaseIterable {
    case identities, accounts, customers, payments, paymentAttempts, paymentLinks, checkoutSessions, rules
}

/// What an account has.
public struct AccountBalance: Sendable, Equatable {
    public let number: String
    public let balance: Money
    /// What of it is not on hold.
    public let available: Money
}
