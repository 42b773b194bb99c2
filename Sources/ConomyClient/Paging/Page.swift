import ConomyAPI
public import ExactJSON

/// One page of a list, read out of any of the shapes in which the API documents its lists.
public struct Page {
    public let rows: [JSON]
    /// All rows that match; nil where the answer does not say.
    public let total: Int?
    /// What to send as `next`; nil where there is no more.
    public let next: String?

    /// Members that hold the rows, in the order they are looked for.
    private static let names = ["results", "data", "payments", "customers", "refunds", "deposits"]

    /// Nil when no list is in it.
    public init?(_ body: JSON) {
        if let rows = body.array {
            (self.rows, total, next) = (rows, nil, nil)
            return
        }
        let outer = body["pagination"]
        let inner = outer?["pagination"]
        guard let rows = Page.names.lazy.compactMap({ body[$0]?.array }).first ?? outer?["results"]?.array else { return nil }
        self.rows = rows
        let meta = inner ?? outer ?? body
        total = meta["total"]?.integer
        switch meta["next"] {
        // An offset of 0 is where reading began.
        case .integer(let offset)?: next = offset > 0 ? String(offset) : nil
        case .string(let cursor)?: next = cursor.isEmpty ? nil : cursor
        default: next = nil
        }
    }
}

/// What tells one row from another: its id, or all of it where it has none.
public func rowKey(_ row: JSON) -> String {
    for name in ["id", "refundId", "paymentId"] {
        if let id = row[name]?.string { return id }
    }
    return row.text(.canonical)
}

/// The last so many keys that were seen.
struct RecentKeys {
    private var keys: Set<String> = []
    private var ring: [String] = []
    private var oldest = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func contains(_ key: String) -> Bool { keys.contains(key) }

    /// False when the key was there already.
    mutating func insert(_ key: String) -> Bool {
        guard keys.insert(key).inserted else { return false }
        if ring.count < capacity {
            ring.append(key)
        } else {
            keys.remove(ring[oldest])
            ring[oldest] = key
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}
