import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct PaymentsRefundProbeTests {
    private func refund(_ bench: Bench, _ parent: String, _ amount: String?, _ reason: String? = nil) throws -> Call {
        var body = JSONObject()
        body["amount"] = amount.map(JSON.string)
        body["reason"] = reason.map(JSON.string)
        return try bench.call("payments.refund", [parent], .object(body))
    }

    /// Performs a refund and returns its id.
    private func perform(_ bench: Bench, _ call: Call) throws -> String {
        try bench.id(bench.simulator.answer(call).body ?? .null, "refundId")
    }

    @Test("of two equal refunds of one payment each is found by its own stamp")
    func stamps() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let (first, second) = (try refund(bench, parent, "10", "bursar-1"), try refund(bench, parent, "10", "bursar-2"))
        let (one, two) = (try perform(bench, first), try perform(bench, second))
        #expect(try await bench.look(first, stamp: "bursar-1").answer?.body?["refundId"]?.string == one)
        #expect(try await bench.look(second, stamp: "bursar-2").answer?.body?["refundId"]?.string == two)
    }

    @Test("of two equal refunds with one reason the claimed one is another effect's; the other one is found, or absent")
    func twins() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let call = try refund(bench, parent, "10", "damaged")
        let one = try perform(bench, call)
        #expect(try await bench.look(call, claimed: [one], witness: one).word == "absent")
        let two = try perform(bench, call)
        let found = try await bench.look(call, claimed: [one], witness: one)
        #expect(found.answer?.body?["refundId"]?.string == two, "\(found.story)")
    }

    @Test("two equal refunds that nobody claims are not told apart")
    func lookAlikes() async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", "damaged")
        _ = (try perform(bench, call), try perform(bench, call))
        let finding = try await bench.look(call)
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test("of look-alikes the one that the bank made after the intent is taken")
    func later() async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", "damaged")
        _ = try perform(bench, call)
        bench.simulator.advance(by: .seconds(3600))
        let later = try perform(bench, call)
        let intent = Bench.bankTime.adding(milliseconds: 1000)
        let found = try await bench.look(call, notBefore: intent)
        #expect(found.answer?.body?["refundId"]?.string == later, "\(found.story)")
    }

    @Test("a refund that the bank made before the intent is neither taken nor overlooked")
    func older() async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", "damaged")
        _ = try perform(bench, call)
        let finding = try await bench.look(call, notBefore: Bench.bankTime.adding(milliseconds: 1))
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test("a bank whose clock stands far from ours is understood all the same")
    func clocks() async throws {
        for days in [-4000, 0, 4000] {
            let bench = try Bench { $0.clock = .manual(Bench.ourTime.adding(milliseconds: Int64(days) * 86_400_000)) }
            let call = try refund(bench, try bench.settled(), "10", "damaged")
            #expect(try await bench.look(call).word == "absent")
            _ = try perform(bench, call)
            #expect(try await bench.look(call).word == "present")
        }
    }

    @Test(
        "a foreign refund of the same amount is no proof in either direction",
        arguments: [Bench.stamp, "late", nil] as [String?])
    func foreign(_ reason: String?) async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        _ = try perform(bench, refund(bench, parent, "10.00", "by hand"))
        let call = try refund(bench, parent, "10", reason)
        let finding = try await bench.look(call, stamp: reason == Bench.stamp ? reason : nil)
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test("refunds of other amounts, and those of other payments, are not it")
    func others() async throws {
        let bench = try Bench()
        let (parent, other) = (try bench.settled(), try bench.settled())
        _ = try perform(bench, refund(bench, parent, "10.01", "damaged"))
        _ = try perform(bench, refund(bench, other, "10", "damaged"))
        let finding = try await bench.look(refund(bench, parent, "10", "damaged"))
        #expect(finding.word == "absent", "\(finding.story)")
    }

    @Test("without an amount only a refund after which nothing is left can be it")
    func everything() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let call = try refund(bench, parent, nil, "damaged")
        #expect(try await bench.look(call).word == "absent")
        let part = try perform(bench, refund(bench, parent, "10", "damaged"))
        #expect(try await bench.look(call).word == "unknown")
        #expect(try await bench.look(call, claimed: [part]).word == "absent")
        let rest = try perform(bench, call)
        let found = try await bench.look(call, claimed: [part])
        #expect(found.answer?.body?["refundId"]?.string == rest, "\(found.story)")
        #expect(found.answer?.body?["totalAmount"] == "90.00")
    }

    @Test("a refund that has failed since did happen, and its answer says how it ended")
    func failed() async throws {
        let bench = try Bench { $0.refundSettlementDelay = .seconds(3600) }
        for amount in ["10", nil] as [String?] {
            let call = try refund(bench, try bench.settled(), amount, "damaged")
            bench.simulator.fail(payment: try perform(bench, call))
            let found = try await bench.look(call)
            #expect(found.answer?.body?["status"] == "FAILED", "\(found.story)")
        }
    }

    @Test("a stamp that stands on a refund of another amount, on two, or on a claimed one is a contradiction")
    func contradictions() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let call = try refund(bench, parent, "10", Bench.stamp)
        let other = try perform(bench, refund(bench, parent, "11", Bench.stamp))
        #expect(try await bench.look(call, stamp: Bench.stamp).word == "unknown")
        let one = try perform(bench, call)
        #expect(try await bench.look(call, stamp: Bench.stamp).word == "unknown")
        #expect(try await bench.look(call, stamp: Bench.stamp, claimed: [one, other]).word == "unknown")
    }

    @Test("where reasons are not shown an amount alone proves nothing")
    func withoutReasons() async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", Bench.stamp)
        _ = try perform(bench, call)
        let reads = SpoiledReads(bench.simulator) { _, _, answer throws(CallFailure) in
            Answer(status: answer.status, body: answer.body.map { without("description", $0) })
        }
        let finding = try await bench.look(call, stamp: Bench.stamp, reads: reads)
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test("one of the two reads may leave the reason out", arguments: ["payments.refund_summary", "refunds.list"])
    func oneReason(_ silent: String) async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", Bench.stamp)
        _ = try perform(bench, call)
        let reads = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            call.operation.name == silent
                ? Answer(status: answer.status, body: answer.body.map { without("description", $0) }) : answer
        }
        #expect(try await bench.look(call, stamp: Bench.stamp, reads: reads).word == "present")
    }

    @Test("a list without the witness cannot be believed, however consistent it is")
    func witness() async throws {
        let bench = try Bench()
        let call = try refund(bench, try bench.settled(), "10", "damaged")
        let finding = try await bench.look(call, witness: "0123456789abcdef01234567")
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test(
        "a total that is not what the refunds add up to is not believed",
        arguments: [
            "totalRefunded", "totalInProgress", "totalFailed", "maxRefundable", "parentAmount", "completedCount", "failedCount",
        ])
    func totals(_ member: String) async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        _ = try perform(bench, refund(bench, parent, "20", "late"))
        let call = try refund(bench, parent, "10", "damaged")
        #expect(try await bench.look(call).word == "absent")
        for wrong in ["21.00", "0.00", "x", nil] as [String?] {
            let reads = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
                guard call.operation.name == "payments.refund_summary", var body = answer.body?.object,
                    var summary = body["summary"]?.object
                else { return answer }
                summary[member] = member.hasSuffix("Count") ? .integer(7) : wrong.map(JSON.string)
                if summary[member] == answer.body?.at("summary.\(member)") { summary[member] = "99.99" }
                body["summary"] = .object(summary)
                return Answer(status: 200, body: .object(body))
            }
            let finding = try await bench.look(call, reads: reads)
            #expect(finding.word == "unknown", "\(wrong ?? "none"): \(finding.story)")
        }
    }

    @Test("a summary that shows nothing while the list shows a refund is a contradiction")
    func disagreement() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let empty = bench.simulator.answer(try bench.call("payments.refund_summary", [parent]))
        _ = try perform(bench, refund(bench, parent, "20", "late"))
        let reads = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            call.operation.name == "payments.refund_summary" ? empty : answer
        }
        let finding = try await bench.look(refund(bench, parent, "10", "damaged"), reads: reads)
        #expect(finding.word == "unknown", "\(finding.story)")
    }

    @Test("a list that grows and shifts while it is read never makes it absent")
    func shifting() async throws {
        for moment in 1...4 {
            let bench = try Bench()
            let parent = try bench.settled("1000.00")
            for _ in 0..<120 { _ = try perform(bench, refund(bench, parent, "1", "late")) }
            let call = try refund(bench, parent, "10", "damaged")
            let other = try refund(bench, parent, "2", "late")
            _ = try perform(bench, call)
            let reads = SpoiledReads(bench.simulator) { number, _, answer throws(CallFailure) in
                if number == moment { for _ in 0..<3 { _ = bench.simulator.answer(other) } }
                return answer
            }
            let finding = try await bench.look(call, reads: reads)
            #expect(finding.word != "absent", "\(finding.story)")
            #expect(try await bench.look(call).word == "present")
        }
    }

    @Test("a filter that is ignored shows refunds of other payments, and they are left out")
    func ignoredFilter() async throws {
        let bench = try Bench()
        let (parent, other) = (try bench.settled(), try bench.settled())
        _ = try perform(bench, refund(bench, other, "10", "damaged"))
        let call = try refund(bench, parent, "10", "damaged")
        let reads = Unfiltered(next: bench.simulator)
        #expect(try await bench.look(call, reads: reads).word == "absent")
        let id = try perform(bench, call)
        #expect(try await bench.look(call, reads: reads).answer?.body?["refundId"]?.string == id)
    }

    @Test("a parent that the API does not know is unknown")
    func noParent() async throws {
        let bench = try Bench()
        #expect(try await bench.look(refund(bench, "nobody", "10", "damaged")).word == "unknown")
    }

    @Test("a refund that travelled as a payment is found the same way")
    func asPayment() async throws {
        let bench = try Bench()
        let parent = try bench.settled()
        let call = try refund(bench, parent, "10", Bench.stamp)
        let performer = RefundAsPayment(next: bench.simulator, catalogue: .conomy)
        let own = try await performer.perform(call)
        let found = try #require(try await bench.look(call, stamp: Bench.stamp).answer)
        for member in ["refundId", "parentPaymentId", "totalAmount", "currency", "createdAt"] {
            #expect(found.body?[member] == own.body?[member])
        }
        #expect(found.body?["status"] == "SETTLED")
    }
}

/// A bank that does not know the filter of the list of refunds.
private struct Unfiltered: Performer {
    let next: any Performer

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.name == "refunds.list" else { return try await next.perform(call) }
        return try await next.perform(Call(call.operation, query: call.query.filter { $0.name != "parentPaymentId" }))
    }
}

/// A body in which no object has the member.
func without(_ member: String, _ body: JSON) -> JSON {
    switch body {
    case .array(let items): .array(items.map { without(member, $0) })
    case .object(let object):
        .object(JSONObject(object.members.filter { $0.key != member }.map { ($0.key, without(member, $0.value)) }))
    default: body
    }
}
