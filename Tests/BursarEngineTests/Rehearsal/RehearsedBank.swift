import ConomyAPI
import ConomySimulator
import ExactJSON
import Synchronization
import Testing

@testable import BursarEngine

/// A bank that is only read, and the overlay of a rehearsal over it.
struct RehearsedBank {
    /// The bank itself, which notes what it is asked.
    final class Witness: Performer {
        let simulator: Simulator
        private let asked = Mutex<[String]>([])

        init(_ simulator: Simulator) { self.simulator = simulator }

        var targets: [String] { asked.withLock { $0 } }

        func perform(_ call: Call) async throws(CallFailure) -> Answer {
            asked.withLock { $0.append("\(call.operation.method.rawValue) \(call.target)") }
            // Others have their turn, so that calls meet.
            await Task.yield()
            return simulator.answer(call)
        }
    }

    let bench: Bench
    let witness: Witness
    let rehearsal: Rehearsal
    let overlay: Overlay

    init(_ bench: Bench, knowing knowledge: Rehearsal.Knowledge = .outside) {
        self.bench = bench
        witness = Witness(bench.simulator)
        rehearsal = Rehearsal(start: bench.simulator.now, seed: 7, knowing: knowledge)
        overlay = Overlay(reads: ReadOnly(witness), rehearsal: rehearsal)
    }

    func answer(_ name: String, _ ids: [String] = [], _ body: JSON? = nil, key: String? = nil, query: [(String, String)] = [])
        async throws -> Answer
    {
        let operation = try #require(Catalogue.conomy[name])
        var call = Call(
            operation, pathParameters: Dictionary(uniqueKeysWithValues: zip(operation.pathParameters.map(\.name), ids)),
            query: query.map { ($0.0, $0.1) }, body: body)
        call.key = key
        return try await overlay.perform(call)
    }

    /// The body of an answer that must be a success.
    @discardableResult
    func get(
        _ name: String, _ ids: String..., body: JSON? = nil, key: String? = nil, query: [(String, String)] = [],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let answer = try await answer(name, ids, body, key: key, query: query)
        #expect(answer.isSuccess, "\(name): \(answer.body?.text() ?? "")", sourceLocation: location)
        return answer.body ?? .null
    }

    /// The sentence of an answer that must be a refusal.
    func refusal(
        _ name: String, _ ids: String..., body: JSON? = nil, key: String? = nil, status: Int = 422,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let answer = try await answer(name, ids, body, key: key)
        #expect(answer.status == status, "\(name): \(answer.body?.text() ?? "")", sourceLocation: location)
        return answer.body?["detail"]?.string ?? ""
    }

    /// The ids of a list, page by page.
    func ids(_ list: String, pageSize: Int = 50, _ query: [(String, String)] = []) async throws -> [String] {
        let byOffset = try #require(Catalogue.conomy[list]).queryParameters.contains { $0.name == "offset" }
        var ids: [String] = []
        while true {
            let place = ids.isEmpty ? [] : [(byOffset ? "offset" : "next", String(ids.count))]
            let body = try await get(list, query: query + [("limit", String(pageSize))] + place)
            let rows = try #require(body["results"]?.array ?? body["data"]?.array ?? body["pagination"]?["results"]?.array)
            ids += rows.compactMap { $0["id"]?.string }
            guard rows.count == pageSize else { return ids }
        }
    }
}
