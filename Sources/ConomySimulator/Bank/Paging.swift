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
    var isEmpty: Bool { values.isEmpty }

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

    /// Cuts the page out of a whole list. `next` stands for the offset too: a number, or the id of the last item read.
    func page<Item>(of all: [Item], id: (Item) -> String) throws(Refusal) -> Page<Item> {
        var (offset, limit) = try pageBounds()
        if whole("offset") == nil, let next = query.first(where: { $0.name == "next" && !$0.value.isEmpty })?.value {
            if let index = all.firstIndex(where: { id($0) == next }) {
                offset = index + 1
            } else if let number = Int(next), number >= 0, next.utf8.count < 12 {
                offset = number
            } else {
                throw .invalid("next is \"\(next)\", which is neither an offset nor the id of an item of this list")
            }
        }
        return Page(items: Array(all.dropFirst(offset).prefix(limit)), offset: offset, limit: limit, total: all.count)
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
