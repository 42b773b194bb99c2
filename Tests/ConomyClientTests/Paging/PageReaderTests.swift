import ConomyAPI
import ConomyClient
import ExactJSON
import Synchronization
import Testing

/// A list in memory that answers in a shape of the documents, and changes between two requests as a test says.
private final class ListPerformer: Performer {
    enum Shape: String, CaseIterable, Sendable {
        case page, nestedPage, recipePage, data, unassigned, customers, legacyRefunds, array, deposits
    }

    private struct State {
        var rows: [String]
        var requests: [Call] = []
        var change: (@Sendable (inout [String], Int) -> Void)?
    }
    private let state: Mutex<State>
    private let shape: Shape
    private let cap: Int

    init(_ rows: [String], _ shape: Shape = .page, cap: Int = 500, change: (@Sendable (inout [String], Int) -> Void)? = nil) {
        state = Mutex(State(rows: rows, change: change))
        self.shape = shape
        self.cap = cap
    }

    var requests: [Call] { state.withLock { $0.requests } }
    var rows: [String] { state.withLock { $0.rows } }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        func number(_ name: String) -> Int? { call.query.first { $0.name == name }.flatMap { Int($0.value) } }
        let body = state.withLock { state -> JSON in
            state.requests.append(call)
            state.change?(&state.rows, state.requests.count)
            let rows = state.rows
            let limit = min(number("limit") ?? 50, cap)
            let offset = min(number("offset") ?? number("next") ?? 0, rows.count)
            let page = JSON.array(rows[offset..<min(offset + limit, rows.count)].map { ["id": .string($0)] })
            let end = offset + (page.array?.count ?? 0)
            let next: JSON = end < rows.count ? .integer(end) : .null
            let meta: JSON = ["count": .integer(end), "next": next, "previous": .null, "total": .integer(rows.count)]
            return switch shape {
            case .page: ["pagination": meta, "results": page]
            case .nestedPage: ["pagination": ["pagination": meta, "results": page]]
            case .recipePage:
                [
                    "pagination": ["limit": .integer(limit), "offset": .integer(offset), "total": .integer(rows.count)],
                    "results": page,
                ]
            case .data: ["data": page, "pagination": ["pagination": meta, "results": []]]
            case .unassigned: ["total": .integer(rows.count), "totalAmount": "1.00", "currency": "ARS", "payments": page]
            case .customers: ["count": .integer(page.array?.count ?? 0), "customers": page]
            case .legacyRefunds: ["total": .integer(rows.count), "refunds": page]
            case .deposits: ["total": .integer(rows.count), "deposits": page]
            case .array: .array(rows.map { ["id": .string($0)] })
            }
        }
        return Answer(status: 200, body: body)
    }
}

@Suite("All pages of a list")
struct PageReaderTests {
    private func read(_ performer: some Performer, _ name: String = "payments.list", query: [(name: String, value: String)] = [])
        async throws -> [String]
    {
        var reader = PageReader(performer: performer, call: Call(try operation(name), query: query))
        var ids: [String] = []
        while let rows = try await reader.next() {
            #expect(!rows.isEmpty)
            ids += rows.compactMap { $0["id"]?.string }
        }
        #expect(try await reader.next() == nil)
        return ids
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "row-\($0)" } }

    @Test("every documented shape is read to its end", arguments: ListPerformer.Shape.allCases, [0, 1, 49, 50, 51, 230])
    fileprivate func shapes(shape: ListPerformer.Shape, count: Int) async throws {
        let operation = shape == .data ? "identities.list" : shape == .customers ? "customers.list" : "payments.list"
        let ids = try await read(ListPerformer(names(count), shape), operation)
        #expect(ids == names(count))
    }

    @Test("a server that gives smaller pages than asked for is read to its end")
    func cappedPages() async throws {
        #expect(try await read(ListPerformer(names(230), .page, cap: 17)) == names(230))
        #expect(try await read(ListPerformer(names(230), .customers, cap: 17), "customers.list") == names(230))
    }

    @Test("pages are as large as the call says, as the contract allows, or 50; other filters travel along")
    func pageSizes() async throws {
        for (name, asked, sent) in [
            ("payments.list", nil, "50"), ("payments.list", "200", "200"), ("payment_links.list", "200", "50"),
        ] {
            let performer = ListPerformer(names(3))
            _ = try await read(
                performer, name, query: asked.map { [("limit", $0), ("status", "SETTLED")] } ?? [("status", "SETTLED")])
            let query = try #require(performer.requests.first).query
            #expect(query.filter { $0.name == "limit" }.map(\.value) == [sent])
            #expect(query.filter { $0.name == "status" }.map(\.value) == ["SETTLED"])
        }
    }

    @Test("reading begins at the offset of the call")
    func startOffset() async throws {
        #expect(try await read(ListPerformer(names(120)), query: [("offset", "100")]) == Array(names(120)[100...]))
    }

    @Test("a list without pages is read once")
    func single() async throws {
        let performer = ListPerformer(names(7), .array)
        var reader = PageReader(
            performer: performer, call: Call(try operation("payment_methods.banks"), pathParameters: ["country": "CL"]))
        #expect(try await reader.next()?.count == 7)
        #expect(try await reader.next() == nil)
        #expect(performer.requests.count == 1)
    }

    @Test("rows that stay are read exactly once, whatever is added and removed meanwhile", arguments: 0..<40)
    func shifting(run: Int) async throws {
        let seed = testSeed &+ UInt64(run)
        let generator = Mutex(TestGenerator(state: seed))
        let removed = Collected<String>()
        let performer = ListPerformer(names(600), run % 2 == 0 ? .page : .customers) { rows, request in
            generator.withLock { generator in
                // Up to two pages' worth of removals and additions at any place, for as long as reading may take a while.
                guard request < 40 else { return }
                for _ in 0..<Int.random(in: 0...60, using: &generator) where !rows.isEmpty {
                    removed.append(rows.remove(at: Int.random(in: 0..<rows.count, using: &generator)))
                }
                for index in 0..<Int.random(in: 0...20, using: &generator) {
                    rows.insert("new-\(request)-\(index)", at: Int.random(in: 0...rows.count, using: &generator))
                }
            }
        }
        let ids = try await read(performer, run % 2 == 0 ? "payments.list" : "customers.list")
        #expect(Set(ids).count == ids.count, "seed \(seed): a row came twice")
        let missing = Set(names(600)).subtracting(removed.values).subtracting(ids)
        #expect(missing.isEmpty, "seed \(seed): \(missing.sorted().prefix(5))")
    }

    @Test("a list whose rows leave as they are read loses none", arguments: [1, 10, 50, 120])
    func draining(count: Int) async throws {
        // What a loop does that settles every row it lists with status=CREATED.
        let performer = ListPerformer(names(400)) { rows, request in if request > 1 { rows.removeFirst(min(count, rows.count)) } }
        let ids = try await read(performer)
        // Only rows that left before anybody asked for them can be missing: none here stands behind what was read.
        #expect(Set(ids).count == ids.count)
        if count <= 45 { #expect(Set(ids) == Set(names(400))) }
    }

    @Test("a list that grows at its front faster than it is read ends with words, not in a circle")
    func growing() async throws {
        let performer = ListPerformer(names(100)) { rows, request in
            rows.insert(contentsOf: (0..<50).map { "new-\(request)-\($0)" }, at: 0)
        }
        var reader = PageReader(performer: performer, call: Call(try operation("payments.list")))
        await #expect {
            while try await reader.next() != nil {}
        } throws: {
            ($0 as? CallFailure)?.code == "paging_stuck"
        }
        #expect(performer.requests.count < 40)
    }

    @Test("a cursor that does not move ends with words")
    func stuckCursor() async throws {
        let performer = FixedPerformer(
            Answer(
                status: 200,
                body: [
                    "data": [["id": "a"]], "pagination": ["pagination": ["next": "same", "total": 9], "results": []],
                ]))
        var reader = PageReader(performer: performer, call: Call(try operation("identities.list")))
        #expect(try await reader.next()?.count == 1)
        await #expect {
            while try await reader.next() != nil {}
        } throws: {
            ($0 as? CallFailure)?.code == "paging_stuck"
        }
    }

    @Test("a refusal in the middle is told, and reading goes on where it stood")
    func refusal() async throws {
        let list = ListPerformer(names(120))
        let flaky = FlakyPerformer(next: list, failing: 2)
        var reader = PageReader(performer: flaky, call: Call(try operation("payments.list")))
        var ids = try await reader.next()?.compactMap { $0["id"]?.string } ?? []
        await #expect {
            _ = try await reader.next()
        } throws: {
            ($0 as? CallFailure)?.kind == .unreachable
        }
        #expect(reader.refusal?.status == 503)
        while let rows = try await reader.next() { ids += rows.compactMap { $0["id"]?.string } }
        #expect(ids == names(120))
    }

    @Test("an answer without a list is not an empty list")
    func noList() async throws {
        for body: JSON? in [nil, ["rows": []], "text", ["results": ["a": 1]]] {
            var reader = PageReader(
                performer: FixedPerformer(Answer(status: 200, body: body)), call: Call(try operation("payments.list")))
            await #expect {
                _ = try await reader.next()
            } throws: {
                ($0 as? CallFailure)?.code == "rubbish_answer"
            }
        }
    }
}

/// Answers every call alike.
struct FixedPerformer: Performer {
    let answer: Answer
    init(_ answer: Answer) { self.answer = answer }
    func perform(_ call: Call) async throws(CallFailure) -> Answer { answer }
}

/// Answers one call, by its number, with 503.
private final class FlakyPerformer: Performer {
    private let next: any Performer
    private let failing: Int
    private let count = Mutex(0)

    init(next: any Performer, failing: Int) {
        self.next = next
        self.failing = failing
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number == failing { return Answer(status: 503, body: nil) }
        return try await next.perform(call)
    }
}

/// A small seeded generator for tests.
struct TestGenerator: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var word = state
        word = (word ^ (word >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return word ^ (word >> 33)
    }
}
