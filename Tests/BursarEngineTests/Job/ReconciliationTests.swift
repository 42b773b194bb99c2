import BursarJournal
import ConomyAPI
import ExactJSON
import Synchronization
import Testing

@testable import BursarEngine

@Suite("Reading back")
struct ReconciliationTests {
    /// Passes reads on, and knows which pages were asked for.
    private struct Reads: Performer {
        let next: any Performer
        let offsets = Box()

        final class Box: Sendable { let all = Mutex<[String]>([]) }

        func perform(_ call: Call) async throws(CallFailure) -> Answer {
            if call.operation.name == "payments.list" {
                let offset = call.query.first { $0.name == "offset" }?.value ?? "0"
                offsets.all.withLock { $0.append(offset) }
            }
            return try await next.perform(call)
        }
    }

    @Test("a long job is read back page by page, each page once, and what differs from the journal is named")
    func pages() async throws {
        let desk = try KeptDesk(payments: 1)
        let (effects, keeper) = try await desk.run()
        let job = try #require(keeper.job)
        for number in 0..<1300 {
            var call = try KeptDesk.call(
                "payments.refund", desk.payments[0], body: ["amount": "0.01", "reason": .string("row \(number)")])
            call.key = "refunds/\(number)/payments.refund#1"
            _ = try await effects.perform(call)
        }
        // One more that the bank knows nothing of.
        let intent = Intent(
            key: "refunds/lost/payments.refund#1", row: nil, operation: "payments.refund", object: desk.payments[0], stamp: nil,
            amount: nil, request: "{}", location: nil, mustNotRepeat: false)
        guard case .recorded(let lost) = try await job.intend(intent) else {
            Issue.record("the intent was not recorded")
            return
        }
        job.note(
            Attempt(
                .send, .settled, status: 201, result: "65f0000000000000000000ff", answer: #"{"createdAt":"2026-05-28T00:00:00Z"}"#
            ),
            of: lost)
        try await job.flush()
        let reads = Reads(next: ReadOnly(desk.target))
        let outcome = try await Reconciliation(reads: reads, catalogue: .conomy).run(job)
        #expect(outcome.agreed == 1300 && outcome.gap == nil, "\(outcome)")
        #expect(
            outcome.differences == ["refunds/lost/payments.refund#1 was settled, and the bank has no 65f0000000000000000000ff"])
        #expect(reads.offsets.all.withLock { $0.sorted() } == ["0", "1000", "500"])
    }
}
