/// Things of one kind by id, kept in the order they were made.
struct Shelf<Item: Sendable>: Sendable {
    private var items: [String: Item] = [:]
    private(set) var order: [String] = []

    var count: Int { order.count }
    /// In the order they were made.
    var all: some Sequence<Item> { order.lazy.compactMap { items[$0] } }
    /// Newest first.
    var newestFirst: [Item] { order.reversed().compactMap { items[$0] } }

    subscript(id: String) -> Item? { items[id] }

    /// Adds an item, or replaces the one with this id at its place.
    mutating func put(_ item: Item, _ id: String) {
        if items.updateValue(item, forKey: id) == nil { order.append(id) }
    }

    mutating func remove(_ id: String) {
        guard items.removeValue(forKey: id) != nil, let index = order.lastIndex(of: id) else { return }
        order.remove(at: index)
    }

    /// Changes an item in place; nil, and nothing done, when there is none.
    mutating func change<Result, Failure>(_ id: String, _ change: (inout Item) throws(Failure) -> Result) throws(Failure) -> Result? {
        guard items[id] != nil else { return nil }
        return try change(&items[id]!)  // Just looked up; a copy here would cost one per change.
    }
}
