import ConomyAPI
import ExactJSON

/// An order to the simulator itself, as it came to a control endpoint.
struct ControlRequest {
    let simulator: Simulator
    let tenant: Int
    /// The steps of the path, without the prefix.
    let path: [String]
    let query: QueryValues
    let body: JSON

    /// A whole number of the query that is not negative.
    func number(_ name: String) throws(Refusal) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), number >= 0 else { throw .invalid("\(name) is \"\(text)\" where a whole number belongs") }
        return number
    }

    /// The members of the body. One that is not known is an order that would not be followed.
    func members(_ known: String...) throws(Refusal) -> Members {
        try ordered { () throws(OrderError) in try Members(body, "", known: known) }
    }

    /// `after` and `limit`: what comes after a sequence number, and how much of it.
    func cut<Item>(_ items: [Item], sequence: (Item) -> Int) throws(Refusal) -> [Item] {
        let after = try number("after") ?? 0
        // Items are in the order of their numbers.
        let start = after == 0 ? 0 : items.firstIndex { sequence($0) > after } ?? items.count
        return Array(items.dropFirst(start).prefix(try number("limit") ?? items.count))
    }
}

/// Runs what may be ordered wrongly; a wrong order is a 400 here.
func ordered<Result>(_ body: () throws(OrderError) -> Result) throws(Refusal) -> Result {
    do throws(OrderError) { return try body() } catch { throw Refusal(.invalidParam, error.description) }
}
