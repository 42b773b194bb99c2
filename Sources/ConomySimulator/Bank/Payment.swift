import ConomyAPI
import ExactJSON

/// The states of FACTS' lifecycle, by their names in the contract.
enum PaymentState: String, Sendable {
    case attempt = "ATTEMPT", created = "CREATED", pending = "PENDING", authorized = "AUTHORIZED", requiresReview =
        "REQUIRES_REVIEW"
    case captured = "CAPTURED", received = "RECEIVED", settled = "SETTLED", unsettled = "UNSETTLED", expired = "EXPIRED"
    case failed = "FAILED", disputed = "DISPUTED", reversed = "REVERSED", refunded = "REFUNDED"

    /// Nothing leaves these.
    var isTerminal: Bool {
        switch self {
        case .settled, .unsettled, .expired, .failed, .refunded, .reversed, .disputed: true
        default: false
        }
    }

    /// PENDING is the older name of CREATED.
    var isCreated: Bool { self == .created || self == .pending }
}

enum PaymentKind: String, Sendable {
    case purchase = "PURCHASE", topup = "TOPUP_ACCOUNT", withdrawal = "WITHDRAWAL_ACCOUNT", p2p = "P2P", collect = "COLLECT",
        fee = "FEE"
    case remittance = "REMITTANCE", refund = "REFUND", localDeposit = "LOCAL_DEPOSIT"

    /// Both sides are accounts of the bank: the capture moves the money, and settlement follows at once.
    var isInternal: Bool { self == .p2p || self == .collect || self == .fee }
}

/// A payment of the bank; refunds are payments too.
struct Payment: Shelved {
    let id: String
    let kind: PaymentKind
    var state: PaymentState
    /// After fees and conversion: what arrives.
    var total: Money
    /// Before them: what is sent. Nil where a world's payment does not say.
    var purchase: Money?
    var externalID: String?
    var identityID: String?
    var accountNumber: String?
    var product: String?
    var about: String?
    var origins: [JSON] = []
    var destinations: [JSON] = []
    var parentID: String?
    let createdAt: Timestamp
    var updatedAt: Timestamp
    /// When it will settle by itself, while it is RECEIVED.
    var settlesAt: Timestamp?
    var settledAt: Timestamp?
    /// Set aside in accounts until the payment commits or ends.
    var holds: [Leg] = []
    /// Its money has moved.
    var isCommitted = false
    /// The rest, which most payments of a large bank lack.
    var more = Details()

    /// What few payments have. Behind one reference, because a bank may hold millions.
    struct Details: Sendable {
        private var stored: [Fields] = []
        struct Fields: Sendable {
            var identityExternalID: String?
            var expiresAt: Timestamp?
            var relatedPaymentID: String?
            var customerID: String?
            var checkoutSessionID: String?
            var documentationStatus: String?
            var reconciliationStatus: String?
            var unsettledReason: String?
            var authorizedAt: Timestamp?
            var capturedAt: Timestamp?
            var expiredAt: Timestamp?
            var unsettledAt: Timestamp?
            var documents: [JSON] = []
            var fees: [FeeCharge] = []
            var providerReference: String?
            var originator: JSON?
            /// Its money came in over a push rail.
            var hasArrived = false
            /// What the bank it was taken in from lets be refunded beyond what its refunds add up to, in the smallest units.
            var refundableDifference: Int128 = 0
        }
        private static let none = Fields()

        var isEmpty: Bool { stored.isEmpty }

        var fields: Fields {
            get { stored.first ?? Details.none }
            set { if stored.isEmpty { stored = [newValue] } else { stored[0] = newValue } }
        }
    }

    /// Money that came in and belongs to no account.
    var isUnclaimed: Bool { accountNumber == nil && destinations.isEmpty && kind != .refund }
    /// A deposit that waits for somebody to claim it.
    var isUnassigned: Bool { state.isCreated && isUnclaimed }

    /// What leaves, node by node.
    var originLegs: [Leg] { legs(origins, whole: purchase ?? total) }
    /// What leaves the origins without the fees: it is what arrives, before conversion.
    var net: Money {
        guard let purchase, purchase.currency != total.currency else { return total }
        return more.fields.fees.reduce(purchase) { $0 - $1.amount ?? .zero(purchase.currency) }
    }
    /// The same node by node, and the fees behind it: the last origins pay them.
    var legsOut: (net: [Leg], fees: [Leg]) {
        var left = net
        var result: (net: [Leg], fees: [Leg]) = ([], [])
        for leg in originLegs {
            let part = min(left, leg.amount)
            left = left - part ?? .zero(left.currency)
            if part.minorUnits > 0 { result.net.append(Leg(party: leg.party, amount: part)) }
            if let fee = leg.amount - part, fee.minorUnits > 0 { result.fees.append(Leg(party: leg.party, amount: fee)) }
        }
        return result
    }
    /// What arrives, node by node.
    var destinationLegs: [Leg] { legs(destinations, whole: total) }

    /// A single node carries the whole. Only a refund's node may be in a currency of its own: it returns what was sent, before
    /// conversion.
    private func legs(_ nodes: [JSON], whole: Money) -> [Leg] {
        nodes.map { node in
            guard nodes.count > 1 || kind == .refund, let text = node["amount"]?.string else {
                return Leg(party: Payment.party(node), amount: whole)
            }
            let currency = kind == .refund ? Currency(node["currency"]?.string ?? whole.currency.code) : whole.currency
            return Leg(party: Payment.party(node), amount: (try? Money(text, currency)) ?? whole)
        }
    }

    static func party(_ node: JSON) -> String {
        if let number = accountNumber(node) { return number }
        return "external:\(node["type"]?.string ?? "UNKNOWN")"
    }

    /// The account an ACCOUNT node names; its number stands in the payload, or beside it.
    static func accountNumber(_ node: JSON) -> String? {
        guard node["type"]?.string == "ACCOUNT" else { return nil }
        return node["account"]?["accountNumber"]?.string ?? node["accountNumber"]?.string
    }

    /// What its payer was told to pay to over push rails, each behind the rail's name.
    var pushCodes: [String] {
        origins.flatMap { node -> [String] in
            guard let rail = node["type"]?.string.flatMap(Rail.named), rail.isPush, let payload = node[rail.key] else {
                return []
            }
            return ["code", "data", "qrCode"].compactMap { payload[$0]?.string }.map { "\(rail.type) \($0)" }
        }
    }

    /// The accounts it touches.
    var accountNumbers: [String] {
        var numbers = accountNumber.map { [$0] } ?? []
        for node in origins + destinations {
            if let number = Payment.accountNumber(node), !numbers.contains(number) { numbers.append(number) }
        }
        return numbers
    }

    var json: JSON {
        var object: JSONObject = ["id": .string(id)]
        func set(_ key: String, _ value: String?) { if let value { object[key] = .string(value) } }
        func set(_ key: String, _ value: Timestamp?) { if let value { object[key] = .string(value.description) } }
        let more = more.fields
        set("externalId", externalID)
        set("identityId", identityID)
        set("identityExternalId", more.identityExternalID)
        set("accountNumber", accountNumber)
        set("type", kind.rawValue)
        set("product", product)
        set("status", state.rawValue)
        set("purchaseAmount", purchase?.text)
        set("purchaseCurrency", purchase?.currency.code)
        set("totalAmount", total.text)
        set("currency", total.currency.code)
        set("description", about)
        if !origins.isEmpty { object["origins"] = .array(origins) }
        if !destinations.isEmpty { object["destinations"] = .array(destinations) }
        object["fees"] = .array(more.fees.map(\.json))
        set("parentPaymentId", parentID)
        set("relatedPaymentId", more.relatedPaymentID)
        set("customerId", more.customerID)
        set("checkoutSessionId", more.checkoutSessionID)
        set("documentationStatus", more.documentationStatus)
        set("reconciliationStatus", more.reconciliationStatus)
        set("unsettledReason", more.unsettledReason)
        set("expiresAt", more.expiresAt)
        set("createdAt", createdAt)
        set("updatedAt", updatedAt)
        set("authorizedAt", more.authorizedAt)
        set("capturedAt", more.capturedAt)
        set("settledAt", settledAt)
        set("expiredAt", more.expiredAt)
        set("unsettledAt", more.unsettledAt)
        return .object(object)
    }
}
