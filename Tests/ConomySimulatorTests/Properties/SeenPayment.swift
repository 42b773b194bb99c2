import ConomyAPI
import ExactJSON

/// A payment as an auditor reads it: from an answer, or from a snapshot.
struct SeenPayment: Sendable {
    /// What one node gives or takes.
    struct Leg: Sendable, Equatable {
        /// An account number, or `external:<rail>`.
        let party: String
        let money: Money
        var isAccount: Bool { !party.hasPrefix("external:") }
    }

    /// One party in one currency.
    struct Side: Sendable, Hashable {
        let party: String
        let currency: String
    }

    let id: String
    let kind: String
    let state: String
    let total: Money
    let purchase: Money
    let parent: String?
    let origins: [Leg]
    let destinations: [Leg]
    /// All its fees together, in the currency it was paid in.
    let fees: Money
    let wasCaptured: Bool
    /// What both answers and snapshots say of it.
    let json: JSONObject
    private static let extra: Set = [
        "fees", "settlesAt", "holds", "committed", "arrived", "documents", "providerReference", "originante",
    ]

    /// Nil when what every payment has is missing, or no amount.
    init?(_ json: JSON) {
        guard let object = json.object, let id = json["id"]?.string, let kind = json["type"]?.string,
            let state = json["status"]?.string, let currency = json["currency"]?.string,
            let total = try? Money(json["totalAmount"]?.string ?? "", Currency(currency)),
            let purchase = try? Money(
                json["purchaseAmount"]?.string ?? total.text, Currency(json["purchaseCurrency"]?.string ?? currency))
        else { return nil }
        self.id = id
        self.kind = kind
        self.state = state
        self.total = total
        self.purchase = purchase
        parent = json["parentPaymentId"]?.string
        origins = SeenPayment.legs(json["origins"], purchase)
        destinations = SeenPayment.legs(json["destinations"], total)
        let charges = (json["fees"]?.array ?? []).map { fee in
            try? Money(fee["amount"]?.string ?? "", Currency(fee["currency"]?.string ?? ""))
        }
        // A fee that cannot be read, or is in another currency, is none; the sums will tell.
        fees = charges.reduce(Money.zero(purchase.currency)) { sum, fee in
            fee.map { $0.currency == sum.currency ? sum + $0 : sum } ?? sum
        }
        wasCaptured = json["capturedAt"] != nil
        self.json = JSONObject(unchecked: object.members.filter { !SeenPayment.extra.contains($0.key) })
    }

    /// A node without an amount carries the whole (FACTS 7).
    private static func legs(_ nodes: JSON?, _ whole: Money) -> [Leg] {
        (nodes?.array ?? []).map { node in
            let type = node["type"]?.string ?? ""
            let number = node["account"]?["accountNumber"]?.string ?? node["accountNumber"]?.string
            let party = type == "ACCOUNT" ? number ?? "nobody" : "external:\(type)"
            let currency = Currency(node["currency"]?.string ?? whole.currency.code)
            let money = node["amount"]?.string.map { try? Money($0, currency) } ?? (currency == whole.currency ? whole : nil)
            // An amount that cannot be read is none; the sums will tell.
            return Leg(party: party, money: money ?? .zero(currency))
        }
    }

    static let terminal: Set = ["SETTLED", "FAILED", "EXPIRED", "UNSETTLED", "REFUNDED"]
    var isTerminal: Bool { SeenPayment.terminal.contains(state) }
    /// It counts against what can be refunded of its parent (FACTS 10).
    var isLiveRefund: Bool { kind == "REFUND" && !["FAILED", "EXPIRED", "UNSETTLED"].contains(state) }

    /// The money of accounts goes at the capture, that from outside arrives at settlement.
    var hasMoved: Bool {
        if state == "SETTLED" || state == "REFUNDED" { return true }
        guard kind != "REFUND", !isTerminal, state != "ATTEMPT" else { return false }
        return wasCaptured && origins.contains(where: \.isAccount)
    }

    /// What it has set aside: all that accounts will give, until it moves or the payment ends. Fees go last, at settlement.
    var holds: [Leg] {
        isTerminal || state == "ATTEMPT" ? [] : (hasMoved ? parts.fees : origins).filter(\.isAccount)
    }

    /// What the origins give towards the destinations, and what they give for fees: the last of them pay these.
    var parts: (net: [Leg], fees: [Leg]) {
        var left = purchase.minorUnits - fees.minorUnits
        var result: (net: [Leg], fees: [Leg]) = ([], [])
        for leg in origins {
            guard leg.money.currency == purchase.currency, fees.minorUnits > 0 else {
                result.net.append(leg)
                continue
            }
            let part = min(left, leg.money.minorUnits)
            left -= part
            func give(_ units: Int128, _ legs: inout [Leg]) {
                if units > 0 { legs.append(Leg(party: leg.party, money: Money(minorUnits: units, purchase.currency))) }
            }
            give(part, &result.net)
            give(leg.money.minorUnits - part, &result.fees)
        }
        return result
    }

    /// Stands in `booked` for the account that collects fees, which no payment names.
    static let collector = "the collector of fees"

    /// What the ledger says of it by now, party by party; zeros are left out.
    var booked: [Side: Int128] {
        guard hasMoved else { return [:] }
        var result: [Side: Int128] = [:]
        func add(_ party: String, _ money: Money, _ sign: Int128) {
            result[Side(party: party, currency: money.currency.code), default: 0] += sign * money.minorUnits
        }
        // Through the exchange where the currency changes.
        let isExchanged = origins.first.map { $0.money.currency != destinations.first?.money.currency } ?? false
        let parts = parts
        for leg in parts.net {
            add(leg.party, leg.money, -1)
            if isExchanged { add("external:FX", leg.money, 1) }
        }
        for leg in parts.fees where state == "SETTLED" {
            add(leg.party, leg.money, -1)
            add(SeenPayment.collector, leg.money, 1)
        }
        for leg in destinations {
            add(leg.party, leg.money, 1)
            if isExchanged { add("external:FX", leg.money, -1) }
        }
        return result.filter { $0.value != 0 }
    }

    /// The steps of FACTS 8; several may happen between two looks. A deposit that was reviewed waits to be assigned again.
    private static let steps: [String: Set<String>] = [
        "ATTEMPT": ["CREATED"], "CREATED": ["AUTHORIZED", "CAPTURED", "REQUIRES_REVIEW", "SETTLED", "EXPIRED", "FAILED"],
        "AUTHORIZED": ["CAPTURED", "REQUIRES_REVIEW", "EXPIRED", "FAILED"],
        "REQUIRES_REVIEW": ["CAPTURED", "CREATED", "FAILED"], "CAPTURED": ["RECEIVED", "REQUIRES_REVIEW", "SETTLED", "FAILED"],
        "RECEIVED": ["SETTLED", "UNSETTLED", "FAILED"],
    ]

    func canBecome(_ later: String) -> Bool {
        var reached: Set = [state]
        while !reached.contains(later) {
            let next = reached.reduce(into: reached) { $0.formUnion(SeenPayment.steps[$1] ?? []) }
            guard next != reached else { return false }
            reached = next
        }
        return true
    }
}
