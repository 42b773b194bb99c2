import ConomyAPI
import Testing

@testable import BursarJournal

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

    @Test("once a job has changed, what it did to an object under one name is not done under another; before that, it may be")
    func renamed() async throws {
        let journal = try Journal()
        func intend(_ key: String, _ job: JobJournal) async throws -> Int64? {
            switch try await job.intend(intent(key, object: "p1", mustNotRepeat: true)) {
            case .recorded(let id): return id
            case .repeats(let earlier, let job):
                #expect(earlier.key == "why0" && job.identity.name == "refunds")
                return nil
            case .exceeds: throw Missing()
            }
        }
        let first = try await journal.hold()
        try await first.keep(source: "input in.csv", digest: "1")
        let done = try #require(try await intend("why0", first))
        first.note(Attempt(.send, .settled, status: 201, result: "x", answer: "{}"), of: done)
        try await first.stop()
        // The same job, unchanged: two rows may have one refund each of a payment.
        let second = try await journal.hold()
        let another = try #require(try await intend("why1", second))
        second.note(Attempt(.send, .declined, status: 422), of: another)
        try await second.stop()
        let third = try await journal.hold()
        try await third.keep(source: "input in.csv", digest: "2", isChange: true)
        #expect(try await intend("WHY0", third) == nil)
        // What has its old name goes on under it.
        #expect(try await intend("why0", third) != nil)
        try await third.stop()
        // The change stays one, also for runs that change nothing more.
        let fourth = try await journal.hold()
        #expect(try await intend("WHY0", fourth) == nil)
        try await fourth.stop()
        var willing = beginning()
        willing.allowRepeat = true
        #expect(try await intend("WHY0", journal.hold(willing)) != nil)
    }

    struct Missing: Error {}
}
