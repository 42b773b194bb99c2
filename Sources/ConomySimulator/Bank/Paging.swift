import ConomyAPI
import ExactJSON

/// The query of a call by name, for filters.
struct QueryValues {
    private let values: [String: String]

    init(_ query: [(name: String, value: String)]) {
        // An empty value is how forms say "no filter".
        values = Dictionary(
            query.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> String? { values[name] }
    /// True when one of these filters is given.
    func has(_ names: String...) -> Bool { names.contains { values[$0] != nil } }

    /// True when the filter is absent or equals `value`.
    func allows(_ name: String, _ value: String?) -> Bool { values[name].map { $0 == value } ?? true }

    /// The same for filters that take several values with commas between them.
    func allowsOneOf(_ name: String, _ value: String?) -> Bool {
        guard let wanted = values[name] else { return true }
        return value.map { value in wanted.split(separator: ",").contains { $0 == value } } ?? false
    }
}

/// A span of days as the filters `startDate` and `endDate` give it; both ends are included.
struct DaySpan {
    var from: Timestamp?
    var until: Timestamp?

    func contains(_ time: Timestamp) -> Bool { from.map { time >= $0 } ?? true && until.map { time < $0 } ?? true }
    var isOpen: Bool { from == nil && until == nil }
}

/// One page of a list, and where it stands in it.
struct Page<Item> {
    let items: [Item]
    let offset: Int
    let limit: Int
    let total: Int

    /// `count` is what was shown up to and with this page; `next` and `previous` are values to send as `offset`.
    var cursor: JSON {
        let shown = min(offset, total) + items.count
        return [
            "count": .integer(shown), "next": .integer(shown), "previous": .integer(max(0, offset - limit)),
            "total": .integer(total),
        ]
    }

    func envelope(_ results: [JSON]) -> JSON { ["pagination": cursor, "results": .array(results)] }
}

/// Page sizes where the contract names none.
enum PageSize {
    static let standard = 50
    static let maximum = 500
}

/// Something a list operation pages through: places in the order things were made, some of them perhaps empty.
protocol Listed {
    associatedtype Item
    var places: Int { get }
    var hasGaps: Bool { get }
    func item(at place: Int) -> Item?
    func id(of item: Item) -> String
}

extension Call {
    var queryValues: QueryValues { QueryValues(query) }

    private func whole(_ name: String) -> Int? { query.first { $0.name == name }.flatMap { wholeNumber($0.value) } }

    /// The page asked for. `limit` 0 is a page without items.
    /// - Throws: a refusal for a limit above the list's maximum.
    func pageBounds() throws(Refusal) -> (offset: Int, limit: Int) {
        let parameter = operation.queryParameters.first { $0.name == "limit" }
        let maximum = parameter?.schema.resolved.maximum ?? PageSize.maximum
        let limit = whole("limit") ?? whole("count") ?? PageSize.standard
        guard limit <= maximum else { throw .invalid("limit is \(limit), and the most is \(maximum)") }
        return (whole("offset") ?? 0, limit)
    }

    /// The page asked for of a list. `next` stands for the offset too: a number, or the id of the last item read.
    ///
    /// Without filters only the page itself is touched; with them every item is judged, and only the page is kept.
    func page<List: Listed>(
        of list: List, isFiltered: Bool, newestFirst: Bool = true, _ isMatch: (List.Item) -> Bool
    ) throws(Refusal) -> Page<List.Item> {
        let (given, limit) = try pageBounds()
        let places = list.places
        func place(_ index: Int) -> Int { newestFirst ? places - 1 - index : index }
        func item(_ index: Int) -> List.Item? { list.item(at: place(index)).flatMap { !isFiltered || isMatch($0) ? $0 : nil } }
        let isWhole = !isFiltered && !list.hasGaps

        var offset = given
        if whole("offset") == nil, let next = query.first(where: { $0.name == "next" && !$0.value.isEmpty })?.value {
            var matches = 0
            let last = (0..<places).first { index in
                guard let item = item(index) else { return false }
                matches += 1
                return list.id(of: item) == next
            }
            if last != nil {
                offset = matches
            } else if let number = Int(next), number >= 0, next.utf8.count < 12 {
                offset = number
            } else {
                throw .invalid("next is \"\(next)\", which is neither an offset nor the id of an item of this list")
            }
        }
        if isWhole {
            let items = (0..<places).dropFirst(offset).prefix(limit).compactMap(item)
            return Page(items: items, offset: offset, limit: limit, total: places)
        }
        var items: [List.Item] = []
        var total = 0
        for index in 0..<places {
            guard let item = item(index) else { continue }
            if total >= offset, items.count < limit { items.append(item) }
            total += 1
        }
        return Page(items: items, offset: offset, limit: limit, total: total)
    }

    /// The filters `startDate` and `endDate`.
    func days() throws(Refusal) -> DaySpan {
        func day(_ name: String) throws(Refusal) -> Timestamp? {
            guard let text = query.first(where: { $0.name == name && !$0.value.isEmpty })?.value else { return nil }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, parts.map(\.utf8.count) == [2, 2, 4], let day = Int(parts[0]), let month = Int(parts[1]),
                let year = Int(parts[2]), let start = Timestamp(year: year, month: month, day: day)
            else { throw .invalid("\(name) is \"\(text)\", which is no day; write it as dd/mm/yyyy") }
            return start
        }
        return DaySpan(from: try day("startDate"), until: try day("endDate")?.adding(milliseconds: 86_400_000))
    }
}
