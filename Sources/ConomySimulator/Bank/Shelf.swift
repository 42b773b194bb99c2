/// What stands on a shelf under its own id.
protocol Shelved: Sendable {
    var id: String { get }
}

/// Things of one kind by id, kept in the order they were made, and found by what they are known by.
struct Shelf<Item: Shelved>: Sendable, Listed {
    private var items: [String: Item] = [:]
    private(set) var order: [String] = []
    /// Ids by key, oldest first.
    private var index: [String: [String]] = [:]
    private let keys: @Sendable (Item) -> [String]

    /// - Parameter keys: what else an item is found by; several items may share a key.
    init(keys: @escaping @Sendable (Item) -> [String] = { _ in [] }) { self.keys = keys }

    var count: Int { order.count }
    /// In the order they were made.
    var all: some Sequence<Item> { order.lazy.compactMap { items[$0] } }
    var places: Int { order.count }
    var hasGaps: Bool { false }
    func item(at place: Int) -> Item? { items[order[place]] }
    func id(of item: Item) -> String { item.id }

    subscript(id: String) -> Item? { items[id] }

    /// The items with a key, oldest first.
    func found(_ key: String) -> [Item] { (index[key] ?? []).compactMap { items[$0] } }

    /// Adds an item, or replaces the one with this id at its place.
    mutating func put(_ item: Item) {
        let id = item.id
        let old = items.updateValue(item, forKey: id)
        if old == nil { order.append(id) }
        reindex(id, from: old.map(keys) ?? [], to: keys(item))
    }

    mutating func remove(_ id: String) {
        guard let old = items.removeValue(forKey: id), let position = order.lastIndex(of: id) else { return }
        order.remove(at: position)
        reindex(id, from: keys(old), to: [])
    }

    /// Changes an item; nil, and nothing done, when there is none.
    mutating func change<Result, Failure>(_ id: String, _ change: (inout Item) throws(Failure) -> Result) throws(Failure)
        -> Result?
    {
        guard var item = items[id] else { return nil }
        let result = try change(&item)
        put(item)
        return result
    }

    private mutating func reindex(_ id: String, from old: [String], to new: [String]) {
        guard old != new else { return }
        for key in old {
            index[key]?.removeAll { $0 == id }
            if index[key]?.isEmpty == true { index[key] = nil }
        }
        for key in new { index[key, default: []].append(id) }
    }
}
