import BursarJournal
import ConomyAPI
import Testing

@Suite("One run's hold on a job")
struct JobJournalTests {
    @Test("an intent is there for the next run, and its outcome with it")
    func replay() async throws {
        let journal = try Journal()
        let identity = JobIdentity(name: "refunds", environment: "test", target: "t", arguments: "{}")
        let beginning = Beginning(identity: identity, script: "s.lua", version: "1", command: "run", seed: 7)
        guard case .held(let first) = try await journal.begin(beginning) else { throw Missing() }
        let intent = Intent(
            key: "r/p1/payments.refund#1", row: "r/p1", operation: "payments.refund", object: "p1", stamp: nil, amount: nil,
            request: "{}", location: nil, mustNotRepeat: true)
        guard case .recorded(let id) = try await first.intend(intent) else { throw Missing() }
        first.note(Attempt(.send, .settled, status: 201, result: "x1", answer: "{}"), of: id)
        try await first.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
        guard case .held(let second) = try await journal.begin(beginning) else { throw Missing() }
        let found = try #require(try await second.recorded(intent.key))
        #expect(found.outcome == .settled && found.result == "x1" && found.run == first.run.id)
        #expect(try await second.recorded("another") == nil)
        try await second.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        guard case .finished(let finished) = try await journal.begin(beginning) else { throw Missing() }
        #expect(finished.settled == 1 && finished.run == second.run.name)
    }

    struct Missing: Error {}
}
