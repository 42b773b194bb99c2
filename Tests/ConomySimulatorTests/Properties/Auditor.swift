import ConomyAPI
import ConomySimulator
import ExactJSON

/// Checks a bank's books from outside: it knows the world that the bank opened with, reads answers, the ledger and snapshots,
/// and works everything else out again for itself. What it finds wrong it writes down.
struct Auditor: Sendable {
    private struct Account: Sendable {
        let currency: String
        /// Opening and every movement since.
        var balance: Int128
        var held: Int128 = 0
    }

    private(set) var findings: [String] = []
    private var accounts: [String: Account] = [:]
    private var payments: [String: SeenPayment] = [:]
    /// Refunds by their parent, in the order they were seen.
    private var refunds: [String: [String]] = [:]
    /// What the ledger moved for each payment.
    private var moved: [String: [SeenPayment.Side: Int128]] = [:]
    /// What the world's payments had moved before the ledger began.
    private var before: [String: [SeenPayment.Side: Int128]] = [:]
    /// What all accounts opened with, and what came in less what went out since, by currency.
    private var openings: [String: Int128] = [:]
    private var inflow: [String: Int128] = [:]
    private(set) var entries = 0
    private var lastTime: Timestamp?
    /// The accounts that fees went to.
    private var collectors: Set<String> = []

    init(opening: World) {
        for account in opening.json["accounts"]?.array ?? [] {
            let currency = account["currency"]?.string ?? ""
            let balance = units(account["balance"]?.string ?? "0", currency)
            accounts[account["accountNumber"]?.string ?? ""] = Account(currency: currency, balance: balance)
            openings[currency, default: 0] += balance
        }
        for json in opening.json["payments"]?.array ?? [] {
            if let payment = SeenPayment(json) { before[payment.id] = payment.booked }
        }
        for json in opening.json["payments"]?.array ?? [] { see(payment: json) }
    }

    mutating func note(_ finding: String) { if findings.count < 20 { findings.append(finding) } }

    private mutating func units(_ text: String?, _ currency: String) -> Int128 {
        guard let text, let money = try? Money(text, Currency(currency)) else {
            note("\"\(text ?? "")\" is no amount of \(currency)")
            return 0
        }
        return money.minorUnits
    }

    var paymentCount: Int { payments.count }

    // MARK: The ledger

    /// The next entries of the ledger.
    mutating func book(_ new: some Sequence<Movement>) {
        for entry in new {
            entries += 1
            if entry.sequence != entries { note("entry \(entry.sequence) of the ledger stands at place \(entries)") }
            if entry.amount.minorUnits <= 0 { note("entry \(entry.sequence) moves nothing: \(entry)") }
            if let lastTime, lastTime > entry.time { note("entry \(entry.sequence) is older than the one before it") }
            lastTime = entry.time
            let currency = entry.amount.currency.code
            for (party, units) in [(entry.from, -entry.amount.minorUnits), (entry.to, entry.amount.minorUnits)] {
                moved[entry.payment, default: [:]][SeenPayment.Side(party: party, currency: currency), default: 0] += units
                if party.hasPrefix("external:") {
                    inflow[currency, default: 0] -= units
                } else if let account = accounts[party] {
                    if account.currency != currency {
                        note("entry \(entry.sequence) moves \(entry.amount) of account \(party)")
                    }
                    accounts[party]?.balance += units
                    if account.balance + units < 0 { note("entry \(entry.sequence) leaves account \(party) below zero") }
                } else {
                    // Opened since; it must be in the next list of accounts.
                    accounts[party] = Account(currency: currency, balance: units)
                }
            }
        }
    }

    // MARK: Accounts

    /// All accounts as the bank lists them now.
    mutating func see(accounts list: [JSON]) {
        var listed: Set<String> = []
        var sums: [String: Int128] = [:]
        for json in list {
            let number = json["accountNumber"]?.string ?? ""
            let currency = json["currency"]?.string ?? ""
            let balance = units(json["balance"]?.string, currency)
            let available = units(json["availableFunds"]?.string, currency)
            let known = accounts[number] ?? Account(currency: currency, balance: 0)
            accounts[number] = known
            if !listed.insert(number).inserted { note("account \(number) is there twice") }
            if collectors.contains(number), json["type"] != "FEE" {
                note("account \(number) collects fees, and is no FEE account")
            }
            if known.currency != currency { note("account \(number) was in \(known.currency) and is in \(currency)") }
            if balance != known.balance {
                note("account \(number) has \(balance), and its opening and the ledger make \(known.balance)")
            }
            if available > balance { note("account \(number) can spend \(available) of \(balance)") }
            if balance - available != known.held {
                note("account \(number) keeps back \(balance - available), and payments on their way hold \(known.held)")
            }
            sums[currency, default: 0] += balance
        }
        for (number, account) in accounts where !listed.contains(number) {
            if account.balance != 0 && account.held == 0 {
                note("account \(number) is gone with \(account.balance), of it \(account.held) held")
            }
        }
        for currency in Set(sums.keys).union(openings.keys).union(inflow.keys) {
            let expected = (openings[currency] ?? 0) + (inflow[currency] ?? 0)
            if sums[currency] ?? 0 != expected {
                note("all accounts have \(sums[currency] ?? 0) \(currency), and opening, income and outgo make \(expected)")
            }
        }
    }

    // MARK: Payments

    /// A payment as it is now.
    mutating func see(payment json: JSON) {
        guard let payment = SeenPayment(json) else { return note("no payment: \(json.text().prefix(300))") }
        let id = payment.id
        if let old = payments[id] {
            if !old.canBecome(payment.state) { note("payment \(id) was \(old.state) and is \(payment.state)") }
            if !(old.kind == payment.kind && old.total == payment.total && old.purchase == payment.purchase
                && old.fees == payment.fees && old.parent == payment.parent && old.origins == payment.origins
                && (old.destinations.isEmpty || old.destinations == payment.destinations)
                && old.json["createdAt"] == payment.json["createdAt"])
            {
                note("payment \(id) is another than it was: \(JSON.object(old.json).text()) -> \(json.text())")
            }
            if old.isTerminal, old.json != payment.json {
                note(
                    "payment \(id) has ended, and was \(JSON.object(old.json).text()) and is \(JSON.object(payment.json).text())")
            }
            for leg in old.holds { accounts[leg.party]?.held -= leg.money.minorUnits }
        } else if payment.kind == "REFUND", let parent = payment.parent {
            refunds[parent, default: []].append(id)
        }
        for leg in payment.holds {
            accounts[leg.party, default: Account(currency: leg.money.currency.code, balance: 0)].held += leg.money.minorUnits
        }
        payments[id] = payment
        checkBookings(payment)
        checkSides(payment)
    }

    /// The ledger moved what the payment's state says, neither more nor less.
    private mutating func checkBookings(_ payment: SeenPayment) {
        var expected = payment.booked
        if payment.kind == "REFUND", payment.origins.isEmpty, payment.hasMoved,
            let parent = payment.parent.flatMap({ payments[$0] })
        {
            // Nobody had claimed the money: it goes back from where it came to where it came from.
            for leg in parent.origins { expected[SeenPayment.Side(party: leg.party, currency: leg.money.currency.code)] = nil }
        }
        for (side, units) in before[payment.id] ?? [:] { expected[side, default: 0] -= units }
        expected = expected.filter { $0.value != 0 }
        var found = (moved[payment.id] ?? [:]).filter { $0.value != 0 }
        if payment.fees.minorUnits > 0 {
            // The account that collects fees is the one the payment does not name. That it is one is looked at with the accounts.
            let named = Set((payment.origins + payment.destinations).map(\.party))
            for (side, units) in found where !side.party.hasPrefix("external:") && !named.contains(side.party) {
                collectors.insert(side.party)
                found[side] = nil
                found[SeenPayment.Side(party: SeenPayment.collector, currency: side.currency), default: 0] += units
            }
        }
        guard expected != found else { return }
        note(
            "payment \(payment.id) is \(payment.state); it should have moved \(text(expected)), and the ledger moved \(text(found))"
        )
    }

    private func text(_ sides: [SeenPayment.Side: Int128]) -> String {
        sides.isEmpty
            ? "nothing" : sides.map { "\($0.key.party) \($0.value) \($0.key.currency)" }.sorted().joined(separator: ", ")
    }

    /// The nodes of each side add up, and what was captured says when.
    private mutating func checkSides(_ payment: SeenPayment) {
        if payment.state == "CAPTURED", !payment.wasCaptured { note("payment \(payment.id) is CAPTURED, and says not when") }
        let sides =
            payment.kind == "REFUND"
            ? [(payment.origins, payment.total)] : [(payment.origins, payment.purchase), (payment.destinations, payment.total)]
        for (legs, whole) in sides where !legs.isEmpty {
            let sum = legs.reduce(Int128(0)) { $0 + $1.money.minorUnits }
            let isOne = legs.allSatisfy { $0.money.currency == whole.currency }
            if !isOne || sum != whole.minorUnits {
                note("the nodes of payment \(payment.id) make \(sum), and the payment is \(whole)")
            }
        }
        if payment.purchase.currency == payment.total.currency, payment.purchase != payment.total + payment.fees {
            note("payment \(payment.id) of \(payment.purchase) arrives as \(payment.total), with fees of \(payment.fees)")
        }
    }

    // MARK: Refunds

    /// What the bank says of a parent's refunds, beside the refunds themselves (FACTS 10).
    mutating func check(refundsOf id: String, summary: JSON?) {
        guard let parent = payments[id] else { return note("refunds of payment \(id), which nobody has seen") }
        let children = (refunds[id] ?? []).compactMap { payments[$0] }
        func sum(_ states: Set<String>) -> (Money, Int) {
            let those = children.filter { states.contains($0.state) }
            return (those.reduce(Money.zero(parent.total.currency)) { $0 + $1.total }, those.count)
        }
        let live = children.filter(\.isLiveRefund)
        let given = live.reduce(Money.zero(parent.total.currency)) { $0 + $1.total }
        guard let left = parent.total - given else { return note("payment \(id) of \(parent.total) is refunded with \(given)") }
        if !children.isEmpty, parent.state != "SETTLED" {
            let isReturned = parent.destinations.isEmpty && (parent.state == "EXPIRED" || parent.state == "FAILED")
            if !isReturned { note("payment \(id) is \(parent.state) and has refunds") }
        }
        // Nobody claimed it (FACTS 11).
        if parent.kind == "LOCAL_DEPOSIT", parent.state == "EXPIRED", children.isEmpty {
            note("deposit \(id) has expired and was not sent back")
        }
        checkParties(parent, live, isWhole: left.minorUnits == 0)
        guard let summary else { return }
        let (refunded, completed) = sum(["SETTLED", "REFUNDED"])
        let (inProgress, going) = sum(["CREATED", "AUTHORIZED", "CAPTURED", "RECEIVED"])
        let (failed, lost) = sum(["FAILED", "EXPIRED", "UNSETTLED"])
        let expected: JSON = [
            "parentPaymentId": .string(id), "parentAmount": .string(parent.total.text),
            "currency": .string(parent.total.currency.code),
            "totalRefunded": .string(refunded.text), "totalInProgress": .string(inProgress.text),
            "totalFailed": .string(failed.text),
            "maxRefundable": .string(left.text), "completedCount": .integer(completed), "inProgressCount": .integer(going),
            "failedCount": .integer(lost),
        ]
        if summary != expected {
            note("the refunds of \(id) are summed up as \(summary.text()), and they make \(expected.text())")
        }
    }

    /// Nobody gives back more than came, nobody gets more than was given; with everything refunded, everybody has it all.
    private mutating func checkParties(_ parent: SeenPayment, _ live: [SeenPayment], isWhole: Bool) {
        func sums(_ legs: [SeenPayment.Leg]) -> [SeenPayment.Side: Int128] {
            legs.reduce(into: [:]) {
                $0[SeenPayment.Side(party: $1.party, currency: $1.money.currency.code), default: 0] += $1.money.minorUnits
            }
        }
        let sides = [
            ("gave back", sums(live.flatMap(\.origins)), sums(parent.destinations)),
            ("got back", sums(live.flatMap(\.destinations)), sums(parent.parts.net)),
        ]
        for (verb, back, there) in sides where !there.isEmpty {
            for (side, units) in back {
                if units > there[side] ?? 0 {
                    note("\(side.party) \(verb) \(units) \(side.currency) of \(there[side] ?? 0) by refunds of \(parent.id)")
                }
            }
            if isWhole {
                if back != there {
                    note("all of \(parent.id) is refunded, and parties \(verb) \(text(back)) of \(text(there))")
                }
            }
        }
    }

    // MARK: Everything

    /// A whole snapshot, read anew from the first entry of the ledger on, and beside all that was seen before.
    mutating func audit(_ world: World, opening: World) {
        var fresh = Auditor(opening: opening)
        var ledger: [Movement] = []
        for json in world.json["ledger"]?.array ?? [] {
            guard let entry = Movement(json) else { return note("no entry of a ledger: \(json.text())") }
            ledger.append(entry)
        }
        fresh.book(ledger)
        let list = world.json["payments"]?.array ?? []
        for json in list { fresh.see(payment: json) }
        fresh.see(accounts: world.json["accounts"]?.array ?? [])
        for payment in fresh.payments.keys.sorted() { fresh.check(refundsOf: payment, summary: nil) }
        for parent in fresh.refunds.keys.sorted() where fresh.payments[parent] == nil {
            fresh.note("payment \(parent) has refunds, and is none")
        }
        for id in fresh.moved.keys.sorted() where fresh.payments[id] == nil {
            fresh.note("the ledger moves money of payment \(id), which is none")
        }
        if Set(list.map { $0["id"]?.string }).count != list.count { note("two payments have one id") }
        for part in ["identities", "accounts", "customers", "paymentLinks", "checkoutSessions", "paymentAttempts", "rules"] {
            let ids = (world.json[part]?.array ?? []).map { $0["id"]?.string }
            if Set(ids).count != ids.count { note("two of \(part) have one id") }
        }
        for finding in fresh.findings { note("all read anew: \(finding)") }

        if fresh.entries < entries { note("the ledger had \(entries) entries and has \(fresh.entries)") }
        for (id, sides) in moved where fresh.entries == entries {
            if fresh.moved[id] != sides {
                note("the ledger moved \(text(sides)) for \(id), and now \(text(fresh.moved[id] ?? [:]))")
            }
        }
        for id in payments.keys where fresh.payments[id] == nil { note("payment \(id) is gone") }
        book(ledger.dropFirst(entries))
        for json in list { see(payment: json) }
        see(accounts: world.json["accounts"]?.array ?? [])
    }
}
