import ConomyAPI
import ExactJSON

/// All payments, with the indexes that keep lists cheap: by id, in order of creation, by account, refunds, children.
struct PaymentBook: Sendable {
    private(set) var payments: [Payment] = []
    /// The states alone, side by side: a list of one state among a million looks at nothing else.
    private var states: [PaymentState] = []
    private var byID: [String: Int] = [:]
    /// Positions, oldest first; ids break ties.
    private var ordered = OrderedPositions()
    private var refunds = OrderedPositions()
    private var byAccount: [String: OrderedPositions] = [:]
    private var byParent: [Int: [Int]] = [:]
    /// Payments nobody claimed.
    private(set) var unassigned: Set<Int> = []

    var count: Int { payments.count }

    func position(_ id: String) -> Int? { byID[id] }
    subscript(position: Int) -> Payment { payments[position] }
    subscript(id: String) -> Payment? { byID[id].map { payments[$0] } }

    /// Judges a payment where it stands; lists judge a million of them, and a copy costs more than the judgement.
    func isMatch(_ position: Int, _ judge: (borrowing Payment) -> Bool) -> Bool { judge(payments[position]) }

    func state(_ position: Int) -> PaymentState { states[position] }

    /// The part of a list, sorted by creation, that was made in these days.
    func made(_ days: DaySpan, among positions: [Int]) -> ArraySlice<Int> {
        /// The first place from which on the payments are as young as this.
        func first(_ time: Timestamp) -> Int {
            var (low, high) = (0, positions.count)
            while low < high {
                let middle = (low + high) / 2
                if payments[positions[middle]].createdAt < time { low = middle + 1 } else { high = middle }
            }
            return low
        }
        let start = days.from.map(first) ?? 0
        let end = days.until.map(first) ?? positions.count
        return positions[start..<max(start, end)]
    }

    /// The children of a payment, oldest first.
    func children(of position: Int) -> [Int] { byParent[position] ?? [] }

    /// - Returns: its position, which never changes.
    @discardableResult
    mutating func add(_ payment: Payment) -> Int {
        let position = payments.count
        payments.append(payment)
        states.append(payment.state)
        byID[payment.id] = position
        index(position)
        return position
    }

    /// Adds many payments in any order; parents may come after their children. Sorts once.
    mutating func add(all loaded: [Payment]) {
        let first = payments.count
        payments += loaded
        states += loaded.map(\.state)
        byID.reserveCapacity(payments.count)
        for position in first..<payments.count { byID[payments[position].id] = position }
        for position in first..<payments.count {
            ordered.append(position)
            if payments[position].kind == .refund { refunds.append(position) }
            for number in payments[position].accountNumbers { byAccount[number, default: OrderedPositions()].append(position) }
            if let parent = payments[position].parentID.flatMap({ byID[$0] }) { byParent[parent, default: []].append(position) }
            if payments[position].isUnassigned { unassigned.insert(position) }
        }
        ordered.sort(payments)
        refunds.sort(payments)
        for number in byAccount.keys { byAccount[number]?.sort(payments) }
        for parent in byParent.keys { byParent[parent]?.sort { OrderedPositions.precedes($0, $1, payments) } }
    }

    /// Changes a payment in place. What the indexes follow (id, time of creation, parent) never changes; an account may be
    /// added to a payment that had none.
    mutating func change(_ position: Int, _ change: (inout Payment) -> Void) {
        let hadAccount = payments[position].accountNumber != nil
        change(&payments[position])
        states[position] = payments[position].state
        if !hadAccount, let number = payments[position].accountNumber {
            byAccount[number, default: OrderedPositions()].insert(position, payments)
        }
        if unassigned.contains(position), !payments[position].isUnassigned { unassigned.remove(position) }
    }

    private mutating func index(_ position: Int) {
        let payment = payments[position]
        ordered.insert(position, payments)
        if payment.kind == .refund { refunds.insert(position, payments) }
        for number in payment.accountNumbers { byAccount[number, default: OrderedPositions()].insert(position, payments) }
        if let parent = payment.parentID.flatMap({ byID[$0] }) { byParent[parent, default: []].append(position) }
        if payment.isUnassigned { unassigned.insert(position) }
    }

    /// True while a payment of the account has not ended.
    func hasOpen(account: String) -> Bool { byAccount[account]?.positions.contains { !payments[$0].state.isTerminal } ?? false }

    /// The smallest indexed set that holds every match of these filters, oldest first, and whether it holds nothing else.
    func candidates(account: String?, parentID: String?, kind: PaymentKind?) -> (positions: [Int], isExact: Bool) {
        if let parentID {
            guard let parent = byID[parentID] else { return ([], true) }
            // A deposit's companion is a child too, and no refund.
            let children = byParent[parent] ?? []
            return (kind.map { kind in children.filter { payments[$0].kind == kind } } ?? children, account == nil)
        }
        if let account { return (byAccount[account]?.positions ?? [], kind == nil) }
        if kind == .refund { return (refunds.positions, true) }
        return (ordered.positions, kind == nil)
    }
}

/// Positions sorted by time of creation, then id. New payments are the newest, so adding is an append nearly always.
private struct OrderedPositions: Sendable {
    private(set) var positions: [Int] = []

    /// Out of order, until `sort`.
    mutating func append(_ position: Int) { positions.append(position) }

    mutating func sort(_ payments: [Payment]) { positions.sort { OrderedPositions.precedes($0, $1, payments) } }

    static func precedes(_ a: Int, _ b: Int, _ payments: [Payment]) -> Bool {
        payments[a].createdAt == payments[b].createdAt
            ? payments[a].id < payments[b].id : payments[a].createdAt < payments[b].createdAt
    }

    mutating func insert(_ position: Int, _ payments: [Payment]) {
        func precedes(_ a: Int, _ b: Int) -> Bool { OrderedPositions.precedes(a, b, payments) }
        guard let last = positions.last, precedes(position, last) else { return positions.append(position) }
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if precedes(positions[middle], position) { low = middle + 1 } else { high = middle }
        }
        positions.insert(position, at: low)
    }
}
