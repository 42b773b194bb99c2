import ConomyAPI
import ExactJSON

/// All payments, with the indexes that keep lists cheap: by id, in order of creation, and by everything lists are filtered by.
struct PaymentBook: Sendable {
    /// What a list can ask for and an index answers.
    enum Key: Hashable {
        case account(String), identity(String), customer(String), session(String)
        case parent(Int), kind(PaymentKind), state(PaymentState)
    }

    /// By position. Where a payment was taken out, one that is nobody's stands until another takes its place.
    private var payments: [Payment] = []
    private var vacant: [Int] = []
    /// How many have come so far, those that were taken out too.
    private var entered = 0
    /// The numbers of those that took the place of another.
    private var numbers: [Int: Int] = [:]
    private var byID: [String: Int] = [:]
    private var ordered = OrderedPositions()
    private var index: [Key: OrderedPositions] = [:]
    private var refunds: [Int: RefundSums] = [:]
    /// Payments nobody claimed.
    private(set) var unassigned: Set<Int> = []
    /// Payments that wait for a deposit, by rail and code.
    private var byCode: [String: Int] = [:]
    /// Payments whose money arrived under a provider's reference, by rail and reference.
    private var byReference: [String: Int] = [:]

    /// All of them, in the order of their positions.
    var all: [Payment] {
        guard !vacant.isEmpty else { return payments }
        let vacant = Set(vacant)
        return payments.indices.filter { !vacant.contains($0) }.map { payments[$0] }
    }

    /// The how manieth payment the one at a position is: a position may be another's later, and its number never is.
    func number(_ position: Int) -> Int { numbers[position] ?? position }

    func position(_ id: String) -> Int? { byID[id] }
    subscript(position: Int) -> Payment { payments[position] }
    subscript(id: String) -> Payment? { byID[id].map { payments[$0] } }

    /// Judges a payment where it stands; lists judge a million of them, and a copy costs more than the judgement.
    func isMatch(_ position: Int, _ judge: (borrowing Payment) -> Bool) -> Bool { judge(payments[position]) }

    /// The positions with a key, oldest first.
    func positions(_ key: Key) -> [Int] { index[key]?.positions ?? [] }

    /// The children of a payment, oldest first.
    func children(of position: Int) -> [Int] { positions(.parent(position)) }

    /// - Returns: its position, which does not change while it is here.
    @discardableResult
    mutating func add(_ payment: Payment) -> Int {
        let position: Int
        if let free = vacant.popLast() {
            position = free
            payments[position] = payment
            numbers[position] = entered
        } else {
            position = payments.count
            payments.append(payment)
            if entered != position { numbers[position] = entered }
        }
        entered += 1
        byID[payment.id] = position
        ordered.insert(position, payments)
        for key in keys(payment) { index[key, default: OrderedPositions()].insert(position, payments) }
        countRefund(payment)
        note(position)
        return position
    }

    /// Adds many payments in any order; parents may come after their children. Sorts once. For an empty book.
    mutating func add(all loaded: [Payment]) {
        payments = loaded
        entered = loaded.count
        byID.reserveCapacity(payments.count)
        for position in payments.indices {
            byID[payments[position].id] = position
            ordered.append(position)
        }
        ordered.sort(payments)
        for position in ordered.positions {
            for key in keys(payments[position]) { index[key, default: OrderedPositions()].append(position) }
            countRefund(payments[position])
            note(position)
        }
    }

    /// Changes a payment in place. Its id, kind, total, customer, session, parent and time of creation never change; an account and an
    /// identity may be added to a payment that had none.
    mutating func change(_ position: Int, _ change: (inout Payment) -> Void) {
        let state = payments[position].state
        let hadAccount = payments[position].accountNumber != nil
        let identity = payments[position].identityID
        change(&payments[position])
        let payment = payments[position]
        if payment.state != state {
            if let parent = refunded(by: payment) {
                refunds[parent, default: RefundSums()].count(payment.total, state, sign: -1)
                refunds[parent, default: RefundSums()].count(payment.total, payment.state, sign: 1)
            }
            index[.state(state)]?.remove(position, payments)
            index[.state(payment.state), default: OrderedPositions()].insert(position, payments)
        }
        if !hadAccount, let number = payment.accountNumber {
            index[.account(number), default: OrderedPositions()].insert(position, payments)
        }
        if payment.identityID != identity, let id = payment.identityID {
            index[.identity(id), default: OrderedPositions()].insert(position, payments)
        }
        note(position)
    }

    /// Takes payments out, with all that the book knows of them. Nobody may keep their positions.
    mutating func remove(_ positions: [Int]) {
        for position in positions {
            let payment = payments[position]
            // The parent's sums go with the parent.
            for key in keys(payment) { removeFromIndex(key, position) }
            index[.parent(position)] = nil
            ordered.remove(position, payments)
            refunds[position] = nil
            unassigned.remove(position)
            for code in payment.pushCodes where byCode[code] == position { byCode[code] = nil }
            if let key = reference(of: payment), byReference[key] == position { byReference[key] = nil }
        }
        for position in positions {
            byID[payments[position].id] = nil
            numbers[position] = nil
            payments[position] = PaymentBook.nobodys
            vacant.append(position)
        }
    }

    private mutating func removeFromIndex(_ key: Key, _ position: Int) {
        index[key]?.remove(position, payments)
        if index[key]?.positions.isEmpty == true { index[key] = nil }
    }

    private static let nobodys = Payment(
        id: "", kind: .fee, state: .failed, total: .zero(Currency("USD")), createdAt: Timestamp(millisecondsSince1970: 0),
        updatedAt: Timestamp(millisecondsSince1970: 0))

    /// What the refunds of a payment add up to.
    func refundSums(of position: Int) -> RefundSums { refunds[position] ?? RefundSums() }

    private func refunded(by payment: Payment) -> Int? {
        payment.kind == .refund ? payment.parentID.flatMap { byID[$0] } : nil
    }

    private mutating func countRefund(_ payment: Payment) {
        guard let parent = refunded(by: payment) else { return }
        refunds[parent, default: RefundSums()].count(payment.total, payment.state, sign: 1)
    }

    private func keys(_ payment: Payment) -> [Key] {
        var keys: [Key] = payment.accountNumbers.map { .account($0) }
        keys.append(.state(payment.state))
        keys.append(.kind(payment.kind))
        if let id = payment.identityID { keys.append(.identity(id)) }
        if let parent = payment.parentID.flatMap({ byID[$0] }) { keys.append(.parent(parent)) }
        if payment.more.isEmpty { return keys }
        if let id = payment.more.fields.customerID { keys.append(.customer(id)) }
        if let id = payment.more.fields.checkoutSessionID { keys.append(.session(id)) }
        return keys
    }

    /// What deposits look for.
    private mutating func note(_ position: Int) {
        let payment = payments[position]
        if payment.isUnassigned { unassigned.insert(position) } else { unassigned.remove(position) }
        if let key = reference(of: payment) { byReference[key] = position }
        guard !payment.state.isTerminal else { return }
        for code in payment.pushCodes { byCode[code] = position }
    }

    private func reference(of payment: Payment) -> String? {
        guard !payment.more.isEmpty, let reference = payment.more.fields.providerReference,
            let rail = payment.origins.first?["type"]?.string
        else { return nil }
        return "\(rail) \(reference)"
    }

    /// The payment that waits for a deposit with this code, where a push rail gave one out.
    func waiting(rail: Rail, code: String) -> Int? {
        guard let position = byCode["\(rail.type) \(code)"] else { return nil }
        let state = payments[position].state
        return state.isCreated || state == .authorized ? position : nil
    }

    /// The payment that a provider's transfer became.
    func arrived(rail: Rail, reference: String) -> Int? { byReference["\(rail.type) \(reference)"] }

    /// True while a payment of the account has not ended.
    func hasOpen(account: String) -> Bool { positions(.account(account)).contains { !payments[$0].state.isTerminal } }

    /// The smallest indexed set that holds every payment with all of these keys within a span of days, oldest first, and whether
    /// it holds nothing else. No key asks for all payments.
    func candidates(_ keys: [Key], _ days: DaySpan) -> (positions: ArraySlice<Int>, isExact: Bool) {
        var smallest: OrderedPositions?
        for key in keys {
            guard let found = index[key] else { return ([], true) }
            if found.positions.count < smallest?.positions.count ?? .max { smallest = found }
        }
        return ((smallest ?? ordered).within(days, payments), keys.count <= 1)
    }
}

/// Positions sorted by time of creation, then id. New payments are the newest, so adding is an append nearly always.
struct OrderedPositions: Sendable {
    private(set) var positions: [Int] = []

    /// Out of order, until `sort`.
    mutating func append(_ position: Int) { positions.append(position) }

    mutating func sort(_ payments: [Payment]) { positions.sort { OrderedPositions.precedes($0, $1, payments) } }

    static func precedes(_ a: Int, _ b: Int, _ payments: [Payment]) -> Bool {
        payments[a].createdAt == payments[b].createdAt
            ? payments[a].id < payments[b].id : payments[a].createdAt < payments[b].createdAt
    }

    mutating func insert(_ position: Int, _ payments: [Payment]) {
        guard let last = positions.last, OrderedPositions.precedes(position, last, payments) else {
            return positions.append(position)
        }
        positions.insert(position, at: first { !OrderedPositions.precedes($0, position, payments) })
    }

    mutating func remove(_ position: Int, _ payments: [Payment]) {
        let place = first { !OrderedPositions.precedes($0, position, payments) }
        if place < positions.count, positions[place] == position { positions.remove(at: place) }
    }

    func within(_ days: DaySpan, _ payments: [Payment]) -> ArraySlice<Int> {
        let start = days.from.map { from in first { payments[$0].createdAt >= from } } ?? 0
        let end = days.until.map { until in first { payments[$0].createdAt >= until } } ?? positions.count
        return positions[start..<max(start, end)]
    }

    /// The place of the first position that is late enough; all after it are too.
    private func first(_ isLateEnough: (Int) -> Bool) -> Int {
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if isLateEnough(positions[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
