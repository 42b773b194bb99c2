import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

/// What the status of a payment says about each operation that changes it. The statuses are put into the answer of the read.
@Suite struct PaymentStateProbeTests {
    private static let statuses = [
        "ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED", "SETTLED", "UNSETTLED",
        "EXPIRED",
        "FAILED", "REFUNDED", "DISPUTED", "REVERSED", "NEW_TO_US",
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        let operation: String
        let present: Set<String>
        let absent: Set<String>
        var testDescription: String { operation }
    }

    private static let rows = [
        Row(
            operation: "payments.authorize", present: ["AUTHORIZED", "CAPTURED", "RECEIVED", "SETTLED", "UNSETTLED", "REFUNDED"],
            absent: ["ATTEMPT", "CREATED", "PENDING"]),
        Row(
            operation: "payments.capture", present: ["CAPTURED", "RECEIVED", "SETTLED", "UNSETTLED", "REFUNDED"],
            absent: ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "EXPIRED"]),
        Row(
            operation: "payments.simulate_received", present: ["RECEIVED", "SETTLED", "UNSETTLED", "REFUNDED"],
            absent: ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "CAPTURED", "EXPIRED"]),
        Row(
            operation: "payments.assign", present: [],
            absent: [
                "ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED", "EXPIRED", "FAILED",
            ]),
        Row(
            operation: "payments.request_review", present: ["REQUIRES_REVIEW"],
            absent: ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "CAPTURED"]),
        Row(operation: "payments.resolve_review", present: [], absent: ["REQUIRES_REVIEW"]),
        Row(
            operation: "payments.mark_unsettled", present: ["UNSETTLED"],
            absent: [
                "ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED", "SETTLED", "EXPIRED",
                "FAILED", "REFUNDED",
            ]),
    ]

    private func look(_ call: Call, _ bench: Bench, _ status: String?, _ extra: JSONObject = [:]) async throws -> Finding {
        let reads = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            guard call.operation.name == "payments.get", var payment = answer.body?.object else { return answer }
            payment["status"] = status.map(JSON.string)
            for (key, value) in extra.members { payment[key] = value.isNull ? JSON?.none : value }
            return Answer(status: 200, body: .object(payment))
        }
        return try await bench.look(call, reads: reads)
    }

    private func call(_ operation: String, _ bench: Bench, _ body: JSON? = nil) throws -> Call {
        let id = try bench.created()
        return operation == "payments.simulate_received"
            ? try bench.call(operation, [], ["transactionId": .string(id)]) : try bench.call(operation, [id], body)
    }

    @Test("each status says what the table says, and a status that is new says nothing", arguments: rows)
    func table(_ row: Row) async throws {
        let bench = try Bench()
        let call = try call(row.operation, bench, ["decision": "APPROVED", "accountNumber": "1", "reason": "x"])
        for status in PaymentStateProbeTests.statuses {
            let expected = row.present.contains(status) ? "present" : row.absent.contains(status) ? "absent" : "unknown"
            // Where it went to another account than was asked for, it was not this call.
            let word = row.operation == "payments.assign" && status == "SETTLED" ? "absent" : expected
            let finding = try await look(call, bench, status)
            #expect(finding.word == word, "\(status): \(finding.story)")
        }
        #expect(try await look(call, bench, nil).word == "unknown")
    }

    @Test(
        "a time says that it happened, whatever came after it",
        arguments: [("payments.authorize", "authorizedAt"), ("payments.capture", "capturedAt")])
    func times(_ operation: String, _ member: String) async throws {
        let bench = try Bench()
        let call = try call(operation, bench)
        for status in ["REQUIRES_REVIEW", "FAILED", "NEW_TO_US"] {
            #expect(
                try await look(call, bench, status, [member: "2026-04-17T14:37:44Z"]).answer?.body?["status"]?.string == status)
        }
    }

    @Test("a deposit is assigned to the account that was asked for, or it was not this call")
    func assigned() async throws {
        let bench = try Bench()
        let deposit = try bench.deposited()
        let there = try bench.call("payments.assign", [deposit], ["accountNumber": .string(Bench.account("ARS"))])
        let elsewhere = try bench.call("payments.assign", [deposit], ["accountId": "000000000000000000000101"])
        _ = bench.simulator.answer(there)
        #expect(try await bench.look(there).answer?.body?["accountId"] == "000000000000000000000102")
        let wrong = try await bench.look(elsewhere)
        #expect(wrong.word == "absent", "\(wrong.story)")
        #expect(try await look(there, bench, "SETTLED", ["accountNumber": nil]).word == "unknown")
        let nowhere = try bench.call("payments.assign", [deposit], ["accountId": "nobody"])
        #expect(try await bench.look(nowhere).word == "unknown")
    }

    @Test("a review that was decided otherwise, or before it was asked for, is unknown")
    func reviews() async throws {
        let bench = try Bench()
        let approve = try call("payments.resolve_review", bench, ["decision": "APPROVED"])
        #expect(try await look(approve, bench, "CAPTURED", ["documentationStatus": "APPROVED"]).word == "present")
        #expect(try await look(approve, bench, "FAILED", ["documentationStatus": "REJECTED"]).word == "unknown")
        #expect(try await look(approve, bench, "REQUIRES_REVIEW", ["documentationStatus": "APPROVED"]).word == "absent")
        let request = try call("payments.request_review", bench, [:])
        #expect(try await look(request, bench, "CAPTURED", ["documentationStatus": "APPROVED"]).word == "unknown")
    }

    @Test("a documented customer's payment passes a review by, which reads like one that was not asked for")
    func bypassed() async throws {
        let bench = try Bench()
        let request = try call("payments.request_review", bench, [:])
        #expect(try await bench.look(request).word == "absent")
        // Asked for once more, nothing else happens.
        #expect(PaymentsRequestReviewProbe().repetition.contains("passes by"))
    }
}
