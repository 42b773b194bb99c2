import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@Suite struct ManyClientsTests {
    static let clients = 16

    @Test("sixteen clients at once leave books that balance, and every look between finds them so")
    func crowd() async throws {
        let failure = try await fuzz(rounds: 2) { random in
            let simulator = try SmallBank.simulator(random.next())
            let opening = simulator.snapshot()
            let seeds = (0..<ManyClientsTests.clients).map { _ in random.next() }
            return await withTaskGroup(of: String?.self) { group in
                for (index, seed) in seeds.enumerated() {
                    group.addTask {
                        var generator = CallGenerator(seed: seed, world: SmallBank.world, name: "client \(index) ")
                        for _ in 0..<100 {
                            let step = generator.next()
                            let outcome = step.happen(to: simulator)
                            generator.learn(step, outcome)
                            if let answer = outcome.answer, answer.status >= 500 { return "\(step)\n-> \(outcome)" }
                            await Task.yield()
                        }
                        return nil
                    }
                }
                group.addTask {
                    var auditor = Auditor(opening: opening)
                    for _ in 0..<12 where auditor.findings.isEmpty {
                        auditor.audit(simulator.snapshot(), opening: opening)
                        await Task.yield()
                    }
                    return auditor.findings.first
                }
                var found: String?
                for await failure in group { found = found ?? failure }
                guard found == nil else { return found }
                var auditor = Auditor(opening: opening)
                auditor.audit(simulator.snapshot(), opening: opening)
                return auditor.findings.first
            }
        }
        #expect(failure == nil)
    }

    @Test(
        "one payment, account or deposit that many clients want at once is given once, in memory and over HTTP",
        arguments: [false, true])
    func race(overHTTP: Bool) async throws {
        let failure = try await fuzz(rounds: overHTTP ? 2 : 10) { random in
            let simulator = try SmallBank.simulator(random.next())
            guard overHTTP else { return try await race(simulator, Memory(simulator: simulator), &random) }
            return try await Wire.serve(simulator) { wire in
                wire.token = try #require(try await wire.ask(Wire.signIn).body?["accessToken"]?.string)
                return try await race(simulator, wire, &random)
            }
        }
        #expect(failure == nil)
    }

    private func race(_ simulator: Simulator, _ way: some Way, _ random: inout FuzzRandom) async throws -> String? {
        let opening = simulator.snapshot()
        // 42.35 EUR in two accounts, and 9451 CLP across currencies.
        for (parent, total) in [
            ("000000000000000000000203", Money(minorUnits: 4235, Currency("EUR"))),
            ("000000000000000000000204", Money(minorUnits: 9451, Currency("CLP"))),
        ] {
            let amounts = (0..<ManyClientsTests.clients * 3).map { _ in
                Money(minorUnits: total.minorUnits / 20 + Int128(random.number(1...200)), total.currency).text
            }
            let taken = try await asked(way, amounts.map { try call("payments.refund", parent, ["amount": .string($0)]) })
            let given = taken.compactMap { $0.body?["totalAmount"]?.string }.reduce(Int128(0)) { sum, text in
                sum + ((try? Money(text, total.currency))?.minorUnits ?? 0)
            }
            let summary = try await way.ask(call("payments.refund_summary", parent, nil)).body?["summary"]
            let left = Money(minorUnits: max(0, total.minorUnits - given), total.currency)
            guard given <= total.minorUnits, summary?["maxRefundable"]?.string == left.text else {
                return "\(parent) of \(total) was refunded with \(given), and the bank says \(summary?.text() ?? "nothing")"
            }
        }
        // All that leaves an account was in it.
        let withdrawal = Desk.withdrawal("90.00")
        let body = JSON.object(
            JSONObject(
                (withdrawal.object?.members ?? []).map {
                    ($0.key, $0.key == "origins" ? [Desk.accountNode("EUR", number: SmallBank.number(7))] : $0.value)
                }))
        let made = try await asked(way, (0..<ManyClientsTests.clients).map { _ in try call("payments.create", "", body) })
        guard made.count == 2 else { return "\(made.count) withdrawals of 90.00 were taken from 200.00" }
        let id = made[0].body?["id"]?.string ?? ""
        let resolved = made[0].body?["status"] == "REQUIRES_REVIEW"
        let capture =
            resolved ? try call("payments.resolve_review", id, ["decision": "APPROVED"]) : try call("payments.capture", id, nil)
        let captured = try await asked(way, Array(repeating: capture, count: ManyClientsTests.clients))
        guard captured.count == 1 else { return "\(captured.count) captures of one payment" }
        guard let deposit = simulator.deposit(rail: "CVU", amount: Money(minorUnits: 5000, Currency("ARS"))) else {
            return "no deposit"
        }
        let assign = try call("payments.assign", deposit, ["accountNumber": .string(SmallBank.number(2))])
        let assigned = try await asked(way, Array(repeating: assign, count: ManyClientsTests.clients))
        guard assigned.count == 1 else { return "\(assigned.count) assignments of one deposit" }
        simulator.advance(by: .seconds(1000))
        var auditor = Auditor(opening: opening)
        auditor.audit(simulator.snapshot(), opening: opening)
        return auditor.findings.first
    }

    private func call(_ name: String, _ id: String, _ body: JSON?) throws -> Call {
        let operation = try #require(Catalogue.conomy[name])
        return Call(
            operation, pathParameters: Dictionary(uniqueKeysWithValues: operation.pathParameters.map { ($0.name, id) }),
            body: body)
    }

    /// Asks all at once.
    /// - Returns: the answers that were no refusals.
    private func asked(_ way: some Way, _ calls: [Call]) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for call in calls { group.addTask { try await way.ask(call) } }
            var answers: [Answer] = []
            for try await answer in group where answer.isSuccess { answers.append(answer) }
            return answers
        }
    }
}
