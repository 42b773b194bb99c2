import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite("A rehearsal's overlay")
struct OverlayTests {
    @Test("lets a payment be created, captured, received, refunded and refunded too much in one go")
    func wholeLife() async throws {
        let bank = RehearsedBank(try Bench())
        let before = bank.bench.simulator.snapshot().json
        let payment = try await bank.get("payments.create", body: Bench.topup("100.00"))
        let id = try #require(payment["id"]?.string)
        #expect(payment["status"] == "CREATED")
        _ = try await bank.refusal("payments.refund", id, body: ["amount": "1.00"])
        #expect(try await bank.get("payments.capture", id, body: [:])["status"] == "CAPTURED")
        try await bank.get("payments.simulate_received", body: ["id": .string(id)])
        #expect(try await bank.get("payments.get", id)["status"] == "SETTLED")
        try await bank.get("payments.refund", id, body: ["amount": "60.00"])
        let refusal = try await bank.refusal("payments.refund", id, body: ["amount": "40.01"])
        #expect(refusal == "payment \(id) has 40.00 ARS left to refund, and 40.01 ARS was asked for")
        #expect(try await bank.get("payments.refund_summary", id)["summary"]?["maxRefundable"] == "40.00")
        try await bank.get("payments.refund", id, body: ["amount": "40.00"])

        #expect(bank.bench.simulator.snapshot().json == before)
        #expect(bank.witness.targets.allSatisfy { $0.hasPrefix("GET ") })
        // What came in went out again.
        #expect(bank.rehearsal.report.balances.isEmpty)
    }

    @Test("finds that a second refund of a payment is too much, knows those made before, and shows both")
    func secondRefund() async throws {
        let bench = try Bench()
        let id = try bench.settled("100.00")
        try bench.get("payments.refund", id, body: ["amount": "30.00"])
        let bank = RehearsedBank(bench)
        let refund = try await bank.get("payments.refund", id, body: ["amount": "50.00"], key: "a")
        let refusal = try await bank.refusal("payments.refund", id, body: ["amount": "20.01"], key: "b")
        #expect(refusal.contains("has 20.00 ARS left to refund"))
        let summary = try await bank.get("payments.refund_summary", id)
        #expect(summary["refunds"]?.array?.count == 2 && summary["summary"]?["maxRefundable"] == "20.00")
        let child = try #require(refund["refundId"]?.string)
        #expect(try await bank.get("payments.get", child)["parentPaymentId"] == .string(id))
        #expect(try await bank.get("payments.get", id)["status"] == "SETTLED")
        #expect(bank.rehearsal.report.balances.map(\.balanceText) == ["-50.00"])

        // The first rests on what was read there; the second on what the first left.
        let first = bank.rehearsal.findings.take("a")
        #expect(first.facts.map(\.operation) == ["payments.get", "payments.refund_summary"])
        #expect(first.facts.map { $0.values["status"] ?? $0.values["summary.maxRefundable"] } == ["\"SETTLED\"", "\"70.00\""])
        #expect(bank.rehearsal.findings.take("b").facts.isEmpty)
    }

    @Test("answers with the target's own words where there is no such object, and with the bank's where its state is wrong")
    func notThere() async throws {
        let bench = try Bench()
        let id = try bench.created()
        let bank = RehearsedBank(bench)
        let missing = try await bank.answer("payments.refund", ["65b0a1000000000000000999"], ["amount": "1.00"], key: "gone")
        #expect(missing.status == 404 && missing.body?["traceId"] != nil && !missing.isAssumed)
        #expect(bank.rehearsal.findings.take("gone").facts.map(\.isAbsence) == [true])
        #expect(try await bank.refusal("payments.refund", id, body: ["amount": "1.00"]).contains("is CREATED"))
        let account = try await bank.refusal(
            "payments.create", body: Bench.topup().with("destinations", [Bench.node("ARS", number: "999")]), status: 404)
        #expect(account == "there is no account 999")
    }

    @Test("reads each object once, however many calls need it at the same time")
    func readsOnce() async throws {
        let bench = try Bench()
        let payments = try (0..<5).map { _ in try bench.settled("100.00") }
        let bank = RehearsedBank(bench)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await bank.answer("payments.refund", [payments[number % 5]], ["amount": "4.00"], key: "row \(number)")
                        .status
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        // Forty refunds of 4.00 each ask for more than 100.00; twenty-five of them fit.
        #expect(statuses == [201: 125, 422: 75])
        #expect(Set(bank.witness.targets).count == bank.witness.targets.count)
        #expect(bank.witness.targets.count == 11)
    }

    @Test("gives an effect the same ids in every rehearsal, whatever came before it, and none that the target has")
    func ids() async throws {
        func made(_ keys: [String]) async throws -> [String: String] {
            let bank = RehearsedBank(try Bench())
            var ids: [String: String] = [:]
            for key in keys { ids[key] = try await bank.get("payments.create", body: Bench.topup(), key: key)["id"]?.string }
            return ids
        }
        let first = try await made(["a", "b", "c"])
        #expect(try await made(["c", "b", "a"]) == first)
        #expect(Set(first.values).count == 3)
        let bench = try Bench()
        let theirs = try (0..<3).map { _ in try bench.created() }
        #expect(Set(theirs).isDisjoint(with: first.values))
    }

    @Test("keeps what only the target knows of an object that the rehearsal changed")
    func merges() async throws {
        let bench = try Bench()
        let id = try bench.get("payments.create", body: Bench.topup("10.00", ["description": "for June"]))["id"]?.string ?? ""
        let bank = RehearsedBank(bench)
        let captured = try await bank.get("payments.capture", id, body: [:])
        #expect(captured["description"] == "for June" && captured["status"] == "CAPTURED")
        let read = try await bank.get("payments.get", id)
        #expect(read["description"] == "for June" && read["status"] == "CAPTURED")
    }

    @Test("takes an account whose balance is not shown to have enough, and says so")
    func unknownBalance() async throws {
        let bench = try Bench()
        let id = try bench.settled("100.00")
        let bank = RehearsedBank(bench)
        let hidden = Overlay(reads: ReadOnly(WithoutBalances(next: bench.simulator)), rehearsal: bank.rehearsal)
        var call = try bench.call("payments.refund", [id], ["amount": "100.00"])
        call.key = "row"
        #expect(try await hidden.perform(call).isSuccess)
        let assumptions = bank.rehearsal.findings.take("row").assumptions
        #expect(assumptions == ["the balance of account \(Bench.account("ARS")) could not be read; it is taken to be enough"])
        #expect(bank.rehearsal.report.assumptions.map(\.count) == [1])
        #expect(bank.rehearsal.report.balances.map(\.balanceText) == ["-100.00"])
    }

    @Test("lets payers and providers do their part for whoever waits, and says that this was assumed")
    func awaited() async throws {
        let bench = try Bench()
        let id = try bench.captured("100.00")
        let bank = RehearsedBank(bench)
        var read = try bench.call("payments.get", [id])
        read.awaited = "SETTLED"
        #expect(try await bank.overlay.perform(read).body?["status"] == "SETTLED")
        try await bank.get("payments.refund", id, body: ["amount": "1.00"], key: "row")
        #expect(bank.rehearsal.findings.take("row").assumptions.contains { $0.contains("SETTLED") })
        // In the embedded bank nobody else acts.
        let alone = RehearsedBank(bench, knowing: .settings([:]))
        #expect(try await alone.overlay.perform(read).body?["status"] == "CAPTURED")
    }

    @Test("lists what it made and changed, leaves out what it removed, and its pages fit together")
    func lists() async throws {
        let bench = try Bench()
        let old = try (0..<7).map { _ in
            bench.simulator.advance(by: .seconds(1))
            return try bench.created()
        }
        let bank = RehearsedBank(bench)
        #expect(try await bank.ids("payments.list", pageSize: 3) == old.reversed())
        try await bank.get("payments.capture", old[3], body: [:])
        var new: [String] = []
        for key in ["a", "b", "c"] {
            bank.rehearsal.advance(by: .seconds(1))
            new.append(try #require(try await bank.get("payments.create", body: Bench.topup(), key: key)["id"]?.string))
        }
        for size in 1...11 {
            #expect(try await bank.ids("payments.list", pageSize: size) == new.reversed() + old.reversed(), "\(size) a page")
            #expect(try await bank.ids("payments.list", pageSize: size, [("sort", "createdAt:asc")]) == old + new, "\(size) a page")
            let open = old.filter { $0 != old[3] }
            #expect(try await bank.ids("payments.list", pageSize: size, [("status", "CREATED")]) == new.reversed() + open.reversed())
        }
        #expect(try await bank.ids("payments.list", [("status", "CAPTURED")]) == [old[3]])
        let page = try await bank.get("payments.list", query: [("limit", "2"), ("offset", "1")])
        #expect(page["pagination"] == ["count": 3, "next": 3, "previous": 0, "total": 10])

        let account = "000000000000000000000108"
        try await bank.get("accounts.update", account, body: ["name": "Renamed"])
        let made = try await bank.get(
            "accounts.create",
            body: [
                "identityId": .string(Bench.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS",
                "name": "Second",
            ])
        let accounts = try await bank.get("accounts.list")["pagination"]?["results"]?.array ?? []
        #expect(accounts.first?["id"] == made["id"] && accounts.count == 9)
        #expect(accounts.first { $0["id"]?.string == account }?["name"] == "Renamed")
        let deleted = try await bank.answer("accounts.delete", [try #require(made["id"]?.string)])
        #expect(deleted.status == 204)
        #expect(try await bank.ids("accounts.list").count == 8)
    }

    @Test("spends what an account has once, and leaves what is held there for others")
    func balances() async throws {
        let bench = try Bench()
        // All but 100 of ten million is held for a payment of somebody else's.
        let withdrawal: JSON = [
            "type": "WITHDRAWAL_ACCOUNT", "product": "USD:USD", "purchaseAmount": "9999900.00", "purchaseCurrency": "USD",
            "origins": [Bench.node("USD")],
            "destinations": [
                [
                    "type": "WIRE", "currency": "USD",
                    "wire": [
                        "bank": ["accountNumber": "12345678"], "swiftCode": "ABCD", "iban": "1234", "customer": Bench.payer,
                    ],
                ]
            ],
        ]
        let held = try bench.id(bench.get("payments.create", body: withdrawal))
        let bank = RehearsedBank(bench)
        let small = withdrawal.with("purchaseAmount", "60.00")
        let id = try #require(try await bank.get("payments.create", body: small)["id"]?.string)
        let refusal = try await bank.refusal("payments.create", body: small)
        #expect(refusal.contains("has 40.00 USD available, and 60.00 USD is needed"))
        try await bank.get("payments.capture", id, body: [:])
        // The held one takes what is held for it, and nothing more.
        try await bank.get("payments.capture", held, body: [:])
        let account = try await bank.get("accounts.get", "000000000000000000000106")
        #expect(account["balance"] == "40.00" && account["availableFunds"] == "40.00")
    }
}

/// A target that shows no balances.
private struct WithoutBalances: Performer {
    let next: any Performer

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let answer = try await next.perform(call)
        guard call.operation.name == "accounts.list" else { return answer }
        let rows = (answer.body?["pagination"]?["results"]?.array ?? []).map { row -> JSON in
            var object = row.object ?? [:]
            object["balance"] = nil
            object["availableFunds"] = nil
            return .object(object)
        }
        return Answer(
            status: 200, body: ["pagination": ["results": .array(rows), "pagination": ["total": .integer(rows.count)]]])
    }
}

extension JSON {
    func with(_ member: String, _ value: JSON) -> JSON {
        var object = self.object ?? [:]
        object[member] = value
        return .object(object)
    }
}
