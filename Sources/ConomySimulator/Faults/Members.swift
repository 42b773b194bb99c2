import ConomyAPI
import ExactJSON

/// An order to the simulator that cannot be followed: faults, a webhook, a tenant.
public struct OrderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place in the document, `faults[2].status`; lists count from 1.
    public let path: String
    /// What is wrong, to be read after the path.
    public let problem: String

    public var description: String { path.isEmpty ? problem : "\(path) \(problem)" }
}

/// Reads an object of orders member by member. A member nobody knows is an error, because it is an order that is not followed.
struct Members {
    let path: String
    let object: JSONObject

    init(_ json: JSON, _ path: String, known: [String]) throws(OrderError) {
        guard let object = json.object else {
            throw OrderError(path: path, problem: "is \(json.kind) where an object belongs")
        }
        self.path = path
        self.object = object
        for key in object.keys where !known.contains(key) {
            let meant = closest(to: key, among: known).map { "did you mean \($0)?" } ?? "known: \(known.joined(separator: ", "))"
            throw wrong(key, "is not known here; \(meant)")
        }
    }

    func wrong(_ member: String, _ problem: String) -> OrderError {
        OrderError(path: path.isEmpty ? member : "\(path).\(member)", problem: problem)
    }

    /// Nil where the member is absent or null.
    subscript(member: String) -> JSON? { object[member].flatMap { $0.isNull ? JSON?.none : $0 } }

    func text(_ member: String) throws(OrderError) -> String? {
        guard let value = self[member] else { return nil }
        guard let text = value.string else { throw wrong(member, "is \(value.kind) where a text belongs") }
        return text
    }

    func needed(_ member: String) throws(OrderError) -> String {
        guard let text = try text(member), !text.isEmpty else { throw wrong(member, "is missing") }
        return text
    }

    func whole(_ member: String, in bounds: ClosedRange<Int>) throws(OrderError) -> Int? {
        guard let value = self[member] else { return nil }
        guard let number = value.integer else { throw wrong(member, "is \(value.kind) where a whole number belongs") }
        guard bounds.contains(number) else {
            throw wrong(member, "is \(number), and goes from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// One of the names of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(_ member: String, _: Choice.Type) throws(OrderError) -> Choice?
    where Choice.RawValue == String {
        guard let text = try text(member) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue)
            let meant = closest(to: text, among: known).map { "did you mean \($0)?" } ?? "one of \(known.joined(separator: ", "))"
            throw wrong(member, "is \"\(text)\", which is not known; \(meant)")
        }
        return choice
    }
}
