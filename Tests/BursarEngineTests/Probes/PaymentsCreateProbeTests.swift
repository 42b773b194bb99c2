import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct PaymentsCreateProbeTests {
    private func create(_ bench: Bench, _ reference: String?, _ amount: String = "100.00", _ extra: JSONObject = [:]) throws
        -> Call
    {
        var extra = extra
        extra["externalId"] = reference.map(JSON.string)
        return try bench.call("payments.create", [], Bench.topup(amount, extra))
    }

    @Test("a payment that has moved on since is found in whatever status it is")
    func anyStatus() async throws {
        for status in ["CREATED", "CAPTURED", "SETTLED", "FAILED"] {
            let bench = try Bench()
            let call = try create(bench, Bench.stamp)
            let id = try bench.id(bench.simulator.answer(call).body ?? .null)
            if status == "FAILED" { bench.simulator.fail(payment: id) }
            if status == "CAPTURED" || status == "SETTLED" { try bench.get("payments.capture", id) }
            if status == "SETTLED" { try bench.get("payments.simulate_received", body: ["id": .string(id)]) }
            let found = try await bench.look(call, stamp: Bench.stamp)
            #expect(found.answer?.body?["id"]?.string == id, "\(found.story)")
            #expect(found.answer?.body?["status"]?.string == status)
        }
    }

    @Test("payments with other references, amounts and types are not it, however many there are")
    func others() async throws {
        let bench = try Bench()
        for index in 0..<130 { _ = bench.simulator.answer(try create(bench, "order-\(index)")) }
        _ = try bench.created("99.00")
        let call = try create(bench, Bench.stamp)
        #expect(try await bench.look(call, stamp: Bench.stamp).word == "absent")
        let id = try bench.id(bench.simulator.answer(call).body ?? .null)
        for index in 130..<260 { _ = bench.simulator.answer(try create(bench, "order-\(index)")) }
        let found = try await bench.look(call, stamp: Bench.stamp)
        #expect(found.answer?.body?["id"]?.string == id, "\(found.story)")
    }

    @Test("a payment of the same amount without any reference could be it")
    func withoutReference() async throws {
        let bench = try Bench()
        let foreign = try bench.created()
        let call = try create(bench, Bench.stamp, "100")
        #expect(try await bench.look(call, stamp: Bench.stamp).word == "unknown")
        #expect(try await bench.look(call, stamp: Bench.stamp, claimed: [foreign]).word == "absent")
    }

    @Test("without a reference of ours a payment is never taken for it")
    func noReference() async throws {
        let bench = try Bench()
        let call = try create(bench, nil)
        #expect(try await bench.look(call).word == "absent")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call).word == "unknown")
    }

    @Test("a script's own reference that stands on two payments, on another amount or on an older one is left to a person")
    func ownReference() async throws {
        let bench = try Bench()
        let call = try create(bench, "order-17")
        let other = try bench.id(bench.simulator.answer(try create(bench, "order-17", "50.00")).body ?? .null)
        #expect(try await bench.look(call).word == "unknown")
        #expect(try await bench.look(call, claimed: [other]).word == "absent")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call, claimed: [other]).word == "present")
        #expect(
            try await bench.look(call, claimed: [other], notBefore: Bench.bankTime.adding(milliseconds: 1)).word == "unknown")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call, claimed: [other]).word == "unknown")
    }

    @Test("an instant before which nothing can have happened bounds the list, and the day itself is in it")
    func since() async throws {
        let bench = try Bench()
        let call = try create(bench, Bench.stamp)
        _ = bench.simulator.answer(call)
        let calls = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            #expect(call.query.contains { $0.name == "startDate" && $0.value == "27/05/2026" })
            return answer
        }
        #expect(
            try await bench.look(call, stamp: Bench.stamp, notBefore: Bench.bankTime, reads: calls).word == "present")
    }

    @Test("the list is that of the account, else of the identity, else of the type alone")
    func lists() throws {
        let bench = try Bench()
        let probe = PaymentsCreateProbe()
        let account: JSONObject = ["accountNumber": "1", "identityId": "2"]
        #expect(try probe.list(of: create(bench, nil, "1", account)) == "payments type=TOPUP_ACCOUNT accountNumber=1")
        #expect(try probe.list(of: create(bench, nil, "1", ["identityId": "2"])) == "payments type=TOPUP_ACCOUNT identityId=2")
        #expect(try probe.list(of: create(bench, nil)) == "payments type=TOPUP_ACCOUNT")
        let refund = try bench.call("payments.create", [], ["type": "REFUND", "parentPaymentId": "p"])
        #expect(probe.list(of: refund) == PaymentsRefundProbe().list(of: try bench.call("payments.refund", ["p"])))
    }

    @Test("a list without the witness, with another total or without any is not believed")
    func incomplete() async throws {
        let bench = try Bench()
        let call = try create(bench, Bench.stamp)
        let witness = try bench.id(bench.simulator.answer(try create(bench, "order-1")).body ?? .null)
        #expect(try await bench.look(call, stamp: Bench.stamp, witness: witness).word == "absent")
        #expect(try await bench.look(call, stamp: Bench.stamp, witness: "0123456789abcdef01234567").word == "unknown")
        for total in [.integer(2), .integer(0), nil] as [JSON?] {
            let reads = SpoiledReads(bench.simulator) { _, _, answer throws(CallFailure) in
                guard var body = answer.body?.object, var page = body["pagination"]?.object else { return answer }
                page["total"] = total
                body["pagination"] = .object(page)
                return Answer(status: 200, body: .object(body))
            }
            let finding = try await bench.look(call, stamp: Bench.stamp, reads: reads)
            #expect(finding.word == "unknown", "\(finding.story)")
        }
        let empty = SpoiledReads(bench.simulator) { _, _, _ throws(CallFailure) in
            Answer(status: 200, body: ["pagination": ["count": 0, "next": 0, "previous": 0, "total": 0], "results": []])
        }
        #expect(try await bench.look(call, stamp: Bench.stamp, witness: witness, reads: empty).word == "unknown")
    }

    @Test("payments that come while the list is read are read too, and never make it absent")
    func shifting() async throws {
        let bench = try Bench()
        for index in 0..<120 { _ = bench.simulator.answer(try create(bench, "order-\(index)")) }
        // The script's own reference: the list is read from its first page on.
        let call = try create(bench, "mine")
        let others = try (0..<40).map { try create(bench, "later-\($0)") }
        _ = bench.simulator.answer(call)
        let reads = SpoiledReads(bench.simulator) { number, _, answer throws(CallFailure) in
            if others.indices.contains(number) { _ = bench.simulator.answer(others[number]) }
            return answer
        }
        let finding = try await bench.look(call, reads: reads)
        #expect(finding.word == "present", "\(finding.story)")
    }

    @Test("a stamp on a payment of another amount is a contradiction")
    func contradiction() async throws {
        let bench = try Bench()
        _ = bench.simulator.answer(try create(bench, Bench.stamp, "50.00"))
        #expect(try await bench.look(create(bench, Bench.stamp), stamp: Bench.stamp).word == "unknown")
    }

    @Test("a refund as a payment is found by reference, by reason and amount, in either of its two amounts")
    func refunds() async throws {
        for (member, field) in [("externalId", "totalAmount"), ("description", "purchaseAmount")] {
            let bench = try Bench()
            let parent = try bench.settled()
            let call = try bench.call(
                "payments.create", [],
                [
                    "type": "REFUND", "parentPaymentId": .string(parent), field: "10", member: .string(Bench.stamp),
                ])
            #expect(try await bench.look(call, stamp: Bench.stamp).word == "absent")
            let id = try bench.id(bench.simulator.answer(call).body ?? .null)
            let found = try await bench.look(call, stamp: Bench.stamp)
            #expect(found.answer?.body?["id"]?.string == id, "\(found.story)")
        }
    }
}
