import BursarJournal
import ExactJSON
import Foundation
import Testing

@Suite("bursar why")
struct WhyTests {
    @Test("tells one effect from the line of the input to what it means now, in the order of time")
    func text() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let result = try journal.bursar("why", "refunds/p3/payments.refund#1", columns: 60)
        #expect(
            result.output == """
                refunds/p3/payments.refund#1: in doubt
                  job        bulk-refunds in sandbox (job 1)
                  script     /home/ana/refund.lua
                  row        refunds/p3, line 4 of the input
                             in doubt in run \(run.name): the
                             connection broke after sending
                  at         refund.lua:12
                  operation  payments.refund
                  request    POST /payments/p3/refund
                  body       {
                               "amount": "150.00"
                             }
                  amount     150.00 ARS
                  stamp      bursar p3
                What happened:
                  2026-11-25 01:31:07Z: intended, run \(run.name)
                  2026-11-25 01:31:08Z: sent, no trustworthy answer: in
                             doubt, run \(run.name)
                             the connection broke after sending
                  2026-11-25 01:31:38Z: looked for: nothing certain, run
                             \(run.name)
                             the list of refunds could not be read: 503
                Now: it was sent, and no trustworthy answer came back: it
                      may or may not have happened.
                Next: the job's next run looks for it; bursar doubts shows
                      how to look and decide yourself.

                """)
    }

    @Test(
        "finds by key, row, path of the row, object, stamp and what was made",
        arguments: ["refunds/p1/payments.refund#1", "p1", "refunds/p1", "bursar p1", "r1"])
    func words(word: String) async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let json = try journal.bursar("why", word, "--json").json()
        #expect(json["effects"]?.array?.compactMap { $0["object"]?.string } == ["p1"])
        #expect(json["rows"]?.array?.compactMap { $0["line"]?.integer } == [2])
        #expect(json["effects"]?.array?.first?["attempts"]?.array?.first?["answer"]?["refundId"] == "r1")
    }

    @Test("a row without an effect has its line and its reason")
    func row() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        #expect(
            try journal.bursar("why", "p5").output == """
                p5
                  job        bulk-refunds in sandbox (job 1)
                  script     /home/ana/refund.lua
                  row        refunds/p5, line 6 of the input
                             failed in run \(run.name): amount is "-5", which has a sign
                  effects    none: no write of it was begun

                """)
    }

    @Test("of several jobs the newest is told and the others are named")
    func jobs() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun(job: "one")
        try await journal.mixedRun(job: "two")
        let result = try journal.bursar("why", "p2")
        #expect(result.output.contains("two in sandbox (job 2)"))
        #expect(result.output.hasSuffix("\n\nand 1 earlier job: --job 1\n"))
        #expect(try journal.bursar("why", "p2", "--job", "1").output.contains("one in sandbox (job 1)"))
        let wrong = try journal.bursar("why", "p2", "--job", "9")
        #expect(wrong.exitCode == 3 && wrong.errors.hasSuffix("hint: it is in the jobs 2, 1\n"))
    }

    @Test("what nothing is called is answered with what is near", arguments: [("p11", "p1"), ("refunds/p22", "refunds/p2")])
    func unknown(word: String, near: String) async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let result = try journal.bursar("why", word)
        #expect(result.exitCode == 3 && result.output.isEmpty)
        #expect(result.errors.hasSuffix("hint: did you mean \(near)?\n"))
        // Nothing in the word is a pattern.
        #expect(try journal.bursar("why", "%").exitCode == 3)
        #expect(try journal.bursar("why", "refunds/p_").exitCode == 3)
    }

    @Test("text of others makes no lines and no colours")
    func hostile() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        let id = try await JournalFixture.intend("p1\u{1B}[31m\nNow: settled", in: job)
        job.note(Attempt(.send, .declined, detail: "no\nNext: pay again\u{202E}"), of: id)
        try await job.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
        for output in [
            try journal.bursar("why", "refunds/p1\u{1B}[31m\nNow: settled").output, try journal.bursar("show", "last").output,
        ] {
            #expect(!output.contains("\u{1B}") && !output.contains("\u{202E}"))
            #expect(!output.contains("\nNow: settled") && !output.contains("\nNext: pay again"))
        }
    }
}
