import ConomyAPI
import ConomyClient
import ExactJSON

/// Reads that are believed only when they are what they should be: anything else is thrown, and becomes "unknown".
extension Doubt {
    /// Reads one object.
    /// - Parameter naming: the member that must repeat the first of `ids`; nil where the answer does not name the object.
    /// - Returns: nil when the API itself says that there is no such object. A 404 of something that stands before the API is thrown.
    func object(_ operation: String, _ ids: String..., naming: String? = "id") async throws(CallFailure) -> JSON? {
        let answer = try await reads.perform(try read(operation, ids))
        if answer.status == 404, APIError(status: 404, body: answer.body).isOwnWord { return nil }
        guard answer.isSuccess, !answer.isAssumed else {
            throw .unclear("\(operation): \(APIError(status: answer.status, body: answer.body))")
        }
        guard let body = answer.body, body.object != nil else { throw .unclear("the answer of \(operation) has no object in it") }
        if let naming, body[naming]?.string != ids.first {
            throw .unclear(
                "the answer of \(operation) speaks of \(body[naming]?.text() ?? "nothing") where \(ids.first ?? "") was asked for"
            )
        }
        return body
    }

    /// The same for an object that must be there.
    func knownObject(_ operation: String, _ id: String, naming: String? = "id") async throws(CallFailure) -> JSON {
        guard let object = try await object(operation, id, naming: naming) else {
            throw .unclear("\(operation) knows no \(id)")
        }
        return object
    }

    /// Reads a list to its end.
    /// - Parameters:
    ///   - identified: every row has a text as its id.
    ///   - holdsWitness: the witness belongs in it.
    /// - Throws: also when it does not say how many rows there are, or names another number than there were, or lacks the witness.
    func rows(
        _ operation: String, _ ids: [String] = [], query: [(name: String, value: String)] = [], holdsWitness: Bool
    ) async throws(CallFailure) -> [JSON] {
        var reader = PageReader(performer: reads, call: try read(operation, ids, query: query))
        var rows: [JSON] = []
        while let page = try await reader.next() { rows += page }
        guard let total = reader.total else { throw .unclear("\(operation) does not say how many rows there are") }
        guard total == rows.count else { throw .unclear("\(operation) speaks of \(total) rows, and \(rows.count) came") }
        guard rows.allSatisfy({ $0["id"]?.string?.isEmpty == false }) else { throw .unclear("a row of \(operation) has no id") }
        if holdsWitness, let witness, !rows.contains(where: { $0["id"]?.string == witness }) {
            throw .unclear("\(operation) lacks \(witness), which must be in it")
        }
        return rows
    }

    /// The first page alone: for what is recognised wherever it stands, and proves nothing when it is not there.
    func newestRows(_ operation: String, query: [(name: String, value: String)]) async throws(CallFailure) -> [JSON] {
        var reader = PageReader(performer: reads, call: try read(operation, [], query: query))
        return try await reader.next() ?? []
    }

    /// A list without pages.
    func array(_ operation: String, _ ids: String...) async throws(CallFailure) -> [JSON] {
        let answer = try await reads.perform(try read(operation, ids))
        guard answer.isSuccess, !answer.isAssumed, let rows = answer.body?.array else {
            throw .unclear("\(operation) has no list: \(APIError(status: answer.status, body: answer.body))")
        }
        return rows
    }

    private func read(
        _ name: String, _ ids: [String], query: [(name: String, value: String)] = []
    ) throws(CallFailure) -> Call {
        guard let operation = Catalogue.conomy[name], operation.effect == .read else {
            throw .unclear("the contract has no read \(name)")
        }
        let path = Dictionary(zip(operation.pathParameters.map(\.name), ids), uniquingKeysWith: { first, _ in first })
        return Call(operation, pathParameters: path, query: query)
    }

    // What probes ask of the call

    /// The member of the body, where it was sent and is a text.
    func sent(_ member: String) -> String? { call.body?[member]?.string }

    /// The n-th id of the path; empty where the call lacks it, which no object is called.
    func pathID(_ index: Int = 0) -> String {
        let names = call.operation.pathParameters.map(\.name)
        return names.indices.contains(index) ? call.pathParameters[names[index]] ?? "" : ""
    }

    /// The day before `notBefore`, as the filter `startDate` takes it; empty where no bound is known.
    var since: [(name: String, value: String)] {
        guard let notBefore, notBefore.isInstant else { return [] }
        let (year, month, day) = notBefore.adding(milliseconds: -86_400_000).date
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return [("startDate", "\(two(day))/\(two(month))/\(String(String(10_000 + year).suffix(4)))")]
    }

    /// An answer of the operation itself, with its first documented status of success.
    func answer(_ body: JSON?, status: Int? = nil) -> Answer {
        Answer(status: status ?? call.operation.successStatuses.first ?? 200, body: body)
    }
}

extension CallFailure {
    /// A read whose answer proves nothing.
    static func unclear(_ message: String) -> CallFailure { CallFailure(.inDoubt, code: "unclear_look", message) }
}

extension APIError {
    /// True for the API's own "not found"; false for that of a proxy, which knows nothing of objects.
    fileprivate var isOwnWord: Bool { code == "31" || (code == nil && type == "notFound") }
}

extension Timestamp {
    /// False for the year 1, which some answers print where they know no time.
    var isInstant: Bool { millisecondsSince1970 > 0 }
}
