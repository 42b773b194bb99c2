import ConomyAPI
import ExactJSON

extension Bank {
    func listPayments(_ call: Call) throws(Refusal) -> Answer { try listPayments(call, kind: nil) }

    /// All filters of payments and refunds. What an index answers alone costs a page; other filters cost one walk over the
    /// smallest index that holds all matches, and only an unusual `sort` sorts them.
    func listPayments(_ call: Call, kind fixedKind: PaymentKind?) throws(Refusal) -> Answer {
        let query = call.queryValues
        let days = try call.days()
        let (offset, limit) = try call.pageBounds()
        let kind = fixedKind ?? query["type"].flatMap(PaymentKind.init)
        let sort = try PaymentSort(query["sort"])
        let states = try query["status"].map { text throws(Refusal) in
            try text.split(separator: ",").map { name throws(Refusal) in
                guard let state = PaymentState(rawValue: String(name)) else {
                    throw Refusal.invalid("status is \"\(name)\", which is no status")
                }
                return state
            }
        }
        var keys: [PaymentBook.Key] = []
        if let number = query["accountNumber"] { keys.append(.account(number)) }
        if let id = query["identityId"] { keys.append(.identity(id)) }
        if let id = query["checkoutSessionId"], fixedKind == nil { keys.append(.session(id)) }
        if let id = query["parentPaymentId"], fixedKind != nil {
            guard let parent = payments.position(id) else { return page([], offset, limit, total: 0) }
            keys.append(.parent(parent))
        }
        if let kind { keys.append(.kind(kind)) }
        if let states, states.count == 1 { keys.append(.state(states[0])) }
        let (candidates, isExact) = payments.candidates(keys, days)
        guard !isExact || states?.count ?? 0 > 1 || !sort.isByCreation else {
            let positions = PaymentSort.slice(candidates, newestFirst: sort.isDescending, offset, limit)
            return page(positions, offset, limit, total: candidates.count)
        }
        // Read once, not once a payment.
        let (account, identity, session, parent) = (
            query["accountNumber"], query["identityId"], fixedKind == nil ? query["checkoutSessionId"] : nil,
            fixedKind == nil ? nil : query["parentPaymentId"]
        )
        var found = candidates.filter { position in
            payments.isMatch(position) { payment in
                (kind == nil || payment.kind == kind) && (states?.contains(payment.state) ?? true)
                    && (identity == nil || payment.identityID == identity) && (parent == nil || payment.parentID == parent)
                    && (session == nil || payment.more.fields.checkoutSessionID == session)
                    && (account.map { payment.accountNumbers.contains($0) } ?? true)
            }
        }
        if !sort.isByCreation { sort.sort(&found, payments) }
        let positions = PaymentSort.slice(found[...], newestFirst: sort.isDescending, offset, limit)
        return page(positions, offset, limit, total: found.count)
    }

    private func page(_ positions: [Int], _ offset: Int, _ limit: Int, total: Int) -> Answer {
        let page = Page(items: positions, offset: offset, limit: limit, total: total)
        return Answer(status: 200, body: page.envelope(positions.map { payments[$0].json }))
    }
}

/// The parameter `sort`. The documents list no fields; these are the ones that order payments usefully.
struct PaymentSort {
    private let field: String
    let isDescending: Bool
    var isByCreation: Bool { field == "createdAt" }

    private static let fields = ["createdAt", "updatedAt", "totalAmount", "purchaseAmount", "status", "type", "externalId", "id"]

    init(_ text: String?) throws(Refusal) {
        let parts = (text ?? "createdAt:desc").split(separator: ":")
        field = String(parts[0])
        isDescending = parts.last == "desc"
        guard PaymentSort.fields.contains(field) else {
            throw .invalid("sort names \"\(field)\"; payments sort by \(PaymentSort.fields.joined(separator: ", "))")
        }
    }

    /// Ascending and stable; `slice` reads it backwards for a descending list.
    func sort(_ positions: inout [Int], _ book: PaymentBook) {
        func ordered<Key: Comparable>(_ key: (Payment) -> Key) {
            let keyed = positions.map { ($0, key(book[$0])) }
            positions = keyed.sorted { $0.1 < $1.1 }.map(\.0)
        }
        switch field {
        case "updatedAt": ordered(\.updatedAt)
        // Amounts of different currencies have no order; they are compared as numbers of major units.
        case "totalAmount": ordered { SortableAmount($0.total) }
        case "purchaseAmount": ordered { SortableAmount($0.purchase ?? $0.total) }
        case "status": ordered(\.state.rawValue)
        case "type": ordered(\.kind.rawValue)
        case "externalId": ordered { $0.externalID ?? "" }
        default: ordered(\.id)
        }
    }

    static func slice(_ ascending: ArraySlice<Int>, newestFirst: Bool, _ offset: Int, _ limit: Int) -> [Int] {
        guard newestFirst else { return Array(ascending.dropFirst(offset).prefix(limit)) }
        return ascending.dropLast(offset).suffix(limit).reversed()
    }

    /// An amount as a number of major units, whatever they are of.
    struct SortableAmount: Comparable {
        let micros: Int128

        init(_ money: Money) {
            micros = money.minorUnits * (0..<(6 - min(6, money.currency.exponent))).reduce(Int128(1)) { value, _ in value * 10 }
        }
        static func < (a: SortableAmount, b: SortableAmount) -> Bool { a.micros < b.micros }
    }
}
