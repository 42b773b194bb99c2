import BursarJournal
import ConomyAPI
import ConomyClient
import ExactJSON

/// Reads the effects of a job back at its end, and compares what the bank has with what the journal holds.
struct Reconciliation: Sendable {
    /// Reads of the target.
    let reads: any Performer
    let catalogue: Catalogue
    /// Objects that are read one by one, beside each other.
    private static let width = 8
    private static let pageSize = 500
    private static let pagesAtOnce = 3
    private static let mostListed = 100

    /// What came of it.
    struct Outcome: Sendable {
        /// Effects that the bank has as the journal does.
        var agreed = 0
        /// Effects that no read shows.
        var unseen = 0
        /// The first differences, one sentence each.
        var differences: [String] = []
        var differenceCount = 0
        /// Why not everything could be read; nil when it could.
        var gap: String?
        /// Effects whose answer named what is not theirs: what they made may be another object, or nothing.
        var misnamed: [(effect: Int64, reason: String)] = []

        fileprivate mutating func differs(_ text: String, misnaming effect: Int64? = nil) {
            differenceCount += 1
            if let effect { misnamed.append((effect, text)) }
            if differences.count < Reconciliation.mostListed { differences.append(text) }
        }
    }

    /// What the bank must have for one effect.
    private struct Expected {
        /// Its number, where the API's answer is all that says what it made.
        var misnamed: Int64?
        let key: String
        let id: String
        /// The `externalId` that a payment was made with.
        var reference: String?
        /// The payment that was refunded.
        var parent: String?
        /// The resource whose `get` reads it.
        let resource: String
        var amount: Money?
        /// False for what was deleted.
        var isThere = true
        /// The object is a payment that must not be as it was created any more.
        var hasMoved = false
    }

    /// - Throws: `JournalError` when the journal cannot be read.
    func run(_ job: JobJournal) async throws(JournalError) -> Outcome {
        var outcome = Outcome()
        var payments: [String: [Expected]] = [:]
        var others: [Expected] = []
        var earliest = EarliestCreation()
        var onlyRefunds = true
        try await job.eachSettled { effect in
            guard let expected = expected(effect) else {
                outcome.unseen += 1
                return
            }
            if expected.resource == "payments" {
                payments[expected.id, default: []].append(expected)
                onlyRefunds = onlyRefunds && effect.operation == "payments.refund"
                if let answer = effect.answer { earliest.see(answer) }
            } else {
                others.append(expected)
            }
        }
        await comparePayments(payments, since: earliest.time, onlyRefunds: onlyRefunds, &outcome)
        await compareEach(others, &outcome)
        return outcome
    }

    private func expected(_ effect: RecordedEffect) -> Expected? {
        guard let operation = catalogue[effect.operation] else { return nil }
        let resource = ResolvedAnswer.resource(operation)
        if operation.method == .delete {
            guard operation.pathParameters.count == 1, operation.path.hasSuffix("}"), let id = effect.object else { return nil }
            return Expected(key: effect.key, id: id, resource: resource, isThere: false)
        }
        let makesPayment = ["payments.create", "payments.refund", "checkout_sessions.pay"].contains(operation.name)
        if makesPayment {
            guard let result = effect.result else { return nil }
            var expected = Expected(key: effect.key, id: result, resource: "payments", amount: effect.amount)
            if ResolvedAnswer.isMadeAnew(by: operation), !effect.isDecided { expected.misnamed = effect.id }
            if operation.name == "payments.create" { expected.reference = effect.stamp ?? effect.object }
            if operation.name == "payments.refund" { expected.parent = effect.object }
            return expected
        }
        guard let id = operation.pathParameters.isEmpty ? effect.result : effect.object, catalogue[resource + ".get"] != nil
        else {
            return nil
        }
        // A link's session is opened by the link's token, and is no link.
        guard operation.name != "payment_links.open_session", operation.name != "checkout_sessions.refresh" else {
            return effect.result.map { Expected(key: effect.key, id: $0, resource: "checkout_sessions") }
        }
        return Expected(key: effect.key, id: id, resource: resource, hasMoved: operation.name == "payments.capture")
    }

    // MARK: Payments, in pages

    private func comparePayments(
        _ expected: [String: [Expected]], since earliest: String?, onlyRefunds: Bool, _ outcome: inout Outcome
    ) async {
        guard !expected.isEmpty else { return }
        var missing = expected
        // A few are read one by one, and so is what no page shows.
        if expected.count > 3, let list = catalogue["payments.list"], let start = earliest.flatMap(Reconciliation.day) {
            let query = [("startDate", start)] + (onlyRefunds ? [("type", "REFUND")] : [])
            do throws(CallFailure) {
                try await eachPage(of: list, query) { page in
                    for payment in page {
                        guard let id = payment["id"]?.string, let found = missing.removeValue(forKey: id) else { continue }
                        for expected in found { compare(expected, payment, &outcome) }
                    }
                    return !missing.isEmpty
                }
            } catch {
                outcome.gap = error.message
                return
            }
        }
        await compareEach(missing.values.flatMap { $0 }, &outcome)
    }

    /// Hands out the pages of a list until one is the last that is wanted. Where it is known how many there are, some are read at once:
    /// while the bank makes one, another is read. A row that moves to another page meanwhile may be missed.
    private func eachPage(of list: Operation, _ query: [(String, String)], _ wantsMore: ([JSON]) -> Bool)
        async throws(CallFailure)
    {
        let query = query + [("limit", String(Reconciliation.pageSize))]
        var reader = PageReader(performer: reads, call: Call(list, query: query))
        guard let first = try await reader.next(), wantsMore(first) else { return }
        guard let total = reader.total else {
            while let page = try await reader.next(), wantsMore(page) {}
            return
        }
        var offsets = Array(stride(from: first.count, to: total, by: max(1, first.count)))[...]
        let end: Result<Void, CallFailure> = await withTaskGroup(of: Result<[JSON], CallFailure>.self) { group in
            for _ in 0..<Reconciliation.pagesAtOnce {
                guard let offset = offsets.popFirst() else { break }
                group.addTask { await page(of: list, query, at: offset) }
            }
            while let result = await group.next() {
                switch result {
                case .success(let page) where wantsMore(page):
                    if let offset = offsets.popFirst() { group.addTask { await self.page(of: list, query, at: offset) } }
                case .success:
                    group.cancelAll()
                    return .success(())
                case .failure(let failure):
                    group.cancelAll()
                    return .failure(failure)
                }
            }
            return .success(())
        }
        try end.get()
    }

    private func page(of list: Operation, _ query: [(String, String)], at offset: Int) async -> Result<[JSON], CallFailure> {
        var reader = PageReader(performer: reads, call: Call(list, query: query + [("offset", String(offset))]))
        do throws(CallFailure) { return .success(try await reader.next() ?? []) } catch { return .failure(error) }
    }

    /// `dd/mm/yyyy`, as the filters of lists want it.
    private static func day(_ timestamp: String) -> String? {
        guard let date = Timestamp(timestamp)?.date else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(date.day))/\(two(date.month))/\(date.year)"
    }

    // MARK: One by one

    private func compareEach(_ expected: [Expected], _ outcome: inout Outcome) async {
        var rest = expected.sorted { $0.key < $1.key }[...]
        while !rest.isEmpty, outcome.gap == nil {
            let some = rest.prefix(Reconciliation.width)
            rest = rest.dropFirst(some.count)
            let answers = await withTaskGroup(of: Look.self) { group in
                for (place, expected) in some.enumerated() { group.addTask { await look(at: expected, place) } }
                return await group.reduce(into: [Int: Result<Answer, CallFailure>]()) { $0[$1.place] = $1.result }
            }
            for (index, expected) in some.enumerated() {
                switch answers[index] {
                case .success(let answer)?: compare(expected, answer, &outcome)
                case .failure(let failure)?: outcome.gap = failure.message
                // Whatever it was that kept it from being read: what was not compared has not agreed.
                case nil: outcome.gap = "\(expected.id) was not read"
                }
            }
        }
    }

    /// What came of reading one object.
    private struct Look: Sendable {
        /// Of the object, among those that are read beside it.
        let place: Int
        let result: Result<Answer, CallFailure>
    }

    // A function with a result of its own: optimised, a closure that gave a pair of these lost the place.
    private func look(at expected: Expected, _ place: Int) async -> Look {
        let result: Result<Answer, CallFailure>
        do throws(CallFailure) { result = .success(try await read(expected)) } catch { result = .failure(error) }
        return Look(place: place, result: result)
    }

    private func read(_ expected: Expected) async throws(CallFailure) -> Answer {
        guard let get = catalogue[expected.resource + ".get"], let parameter = get.pathParameters.first else {
            throw CallFailure(.invalid, code: "no_read", "\(expected.resource) cannot be read one by one")
        }
        return try await reads.perform(Call(get, pathParameters: [parameter.name: expected.id]))
    }

    private func compare(_ expected: Expected, _ answer: Answer, _ outcome: inout Outcome) {
        switch (answer.status, expected.isThere) {
        case (404, false): outcome.agreed += 1
        case (404, true):
            outcome.differs("\(expected.key) was settled, and the bank has no \(expected.id)", misnaming: expected.misnamed)
        case (200..<300, true): compare(expected, answer.body ?? .null, &outcome)
        case (200..<300, false): outcome.differs("\(expected.key) was settled, and the bank still has \(expected.id)")
        default: outcome.gap = "\(expected.id): \(APIError(status: answer.status, body: answer.body))"
        }
    }

    private func compare(_ expected: Expected, _ object: JSON, _ outcome: inout Outcome) {
        for (field, wanted) in [("externalId", expected.reference), ("parentPaymentId", expected.parent)] {
            guard let wanted, let shown = object[field]?.string, !shown.isEmpty, shown != wanted else { continue }
            return outcome.differs(
                "\(expected.key) was settled, and the bank has another \(field) for \(expected.id): \(shown.prefix(64))",
                misnaming: expected.misnamed)
        }
        if let amount = expected.amount {
            let fields = [("totalAmount", "currency"), ("purchaseAmount", "purchaseCurrency")]
            let amounts = fields.compactMap { field, currency -> Money? in
                guard let text = object[field]?.string, let code = object[currency]?.string else { return nil }
                return try? Money(text, Currency(code))
            }
            guard amounts.isEmpty || amounts.contains(amount) else {
                return outcome.differs(
                    "\(expected.key) was settled with \(amount), and the bank has \(amounts[0]) for \(expected.id)")
            }
        }
        if expected.hasMoved, let status = object["status"]?.string, status == "CREATED" {
            return outcome.differs("\(expected.key) was settled, and the bank has \(expected.id) as \(status)")
        }
        outcome.agreed += 1
    }
}

/// When the first of a job's objects was made, by the bank's own clock, to the day.
///
/// It is asked for each effect of a job, and almost all answers are passed over without being parsed: those in which nothing at all was
/// created on an earlier day.
private struct EarliestCreation {
    private(set) var time: String?

    mutating func see(_ answer: String) {
        guard mayBeEarlier(answer), let created = (try? JSON(parsing: answer))?["createdAt"]?.string else { return }
        time = min(time ?? created, created)
    }

    /// As long as `2026-11-25`.
    private static let dayLength = 10
    private static let mark = Array("\"createdAt\":\"".utf8)

    private func mayBeEarlier(_ answer: String) -> Bool {
        guard let day = time?.utf8.prefix(EarliestCreation.dayLength) else { return true }
        var answer = answer
        return answer.withUTF8 { text in
            let mark = EarliestCreation.mark
            var rest = text[...]
            while let quote = rest.firstIndex(of: mark[0]) {
                rest = rest[quote...]
                if rest.starts(with: mark),
                    rest.dropFirst(mark.count).prefix(EarliestCreation.dayLength).lexicographicallyPrecedes(day)
                {
                    return true
                }
                rest = rest.dropFirst()
            }
            return false
        }
    }
}
