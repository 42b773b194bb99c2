import BursarJournal
import ExactJSON
import Foundation
import Testing

@Suite("bursar doubts and resolve")
struct DoubtsTests {
    private let key = "refunds/p3/payments.refund#1"

    @Test("each doubt has what a person needs to look and to decide; the exit code says that there are any")
    func list() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let result = try journal.bursar("doubts", columns: 60)
        #expect(result.exitCode == 12)
        let state = "--state \(journal.journalFolder.path)"
        #expect(
            result.output == """
                refunds/p3/payments.refund#1
                  job        bulk-refunds in sandbox (job 1)
                  run        \(run.name)
                  intended   2026-11-25 01:31:07Z
                  at         refund.lua:12
                  operation  payments.refund
                  object     p3
                  request    POST /payments/p3/refund
                  body       {
                               "amount": "150.00"
                             }
                  amount     150.00 ARS
                  look for   bursar p3
                  known      it was sent, and no trustworthy answer came
                             back: it may or may not have happened (the
                             connection broke after sending)
                  last look  2026-11-25 01:31:38Z: the list of refunds could
                             not be read: 503
                  to look    bursar api call payments.refunds id=p3 --env sandbox
                  happened   bursar resolve '\(key)' --settled ID --because "..." --job 1 \(state)
                  did not    bursar resolve '\(key)' --absent --because "..." --job 1 \(state)

                1 effect is in doubt. Running the job again looks for what a
                read can find; what stays is yours to decide, once you know.

                """)
        let json = try journal.bursar("doubts", "--json")
        #expect(json.exitCode == 12)
        #expect(try json.json()["doubts"]?.array?.first?["look"] == "bursar api call payments.refunds id=p3 --env sandbox")
    }

    @Test("nothing in doubt is said in words and by 0")
    func nothing() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        try await job.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        let result = try journal.bursar("doubts")
        #expect(result.exitCode == 0 && result.output == "nothing is in doubt\n")
        #expect(try journal.bursar("doubts", "--json").json()["count"] == 0)
    }

    @Test("what a run that goes on has just sent is on its way, and nothing is decided while it holds the job")
    func running() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin(holder: .current)
        let id = try await JournalFixture.intend("p1", in: job)
        let result = try journal.bursar("doubts")
        #expect(result.exitCode == 0)
        #expect(result.errors == "run \(job.run.name) goes on, and has 1 effect on the way: not in doubt yet\n")
        job.note(Attempt(.send, .inDoubt, detail: "503"), of: id)
        try await job.flush()
        let doubt = try journal.bursar("doubts")
        #expect(doubt.exitCode == 12 && doubt.output.contains("holds the job and looks itself"))
        let refused = try journal.bursar("resolve", "refunds/p1/payments.refund#1", "--absent", "--because", "seen")
        #expect(refused.exitCode == 14, "\(refused.errors)")
        #expect(refused.errors.contains("is running this job"))
    }

    @Test("a settled decision is kept with its id, in the form of the operation's own answer, and its reason")
    func settled() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let result = try journal.bursar("resolve", key, "--settled", "r3", "--because", "seen in the dashboard")
        #expect(result.exitCode == 0 && result.output == "Recorded: \(key) happened (r3): it is not sent again.\n")
        #expect(try journal.bursar("doubts").exitCode == 0)
        let attempt = try journal.bursar("why", key, "--json").json()["effects"]?.array?.first?["attempts"]?.array?.last
        #expect(attempt?["kind"] == "resolve" && attempt?["made"] == "r3" && attempt?["detail"] == "seen in the dashboard")
        #expect(attempt?["answer"] == ["refundId": "r3"] && attempt?["status"] == nil)
        #expect(try journal.bursar("why", "r3").output.contains("Now: it happened, by a person's word."))
        #expect(try journal.bursar("journal", "verify").exitCode == 0)
        // A decision may be taken back, and what the API itself said may not.
        #expect(try journal.bursar("resolve", key, "--absent", "--because", "it was another one").exitCode == 0)
        #expect(try journal.bursar("resolve", key, "--settled", "r3", "--because", "it was not").exitCode == 0)
        let other = try journal.bursar("resolve", "refunds/p1/payments.refund#1", "--absent", "--because", "seen")
        #expect(other.exitCode == 3 && other.errors.contains("is not in doubt: it happened"), "\(other.errors)")
        // The job goes on with it.
        let next = try await journal.begin()
        #expect(try await next.recorded(key)?.answer == "{\"refundId\":\"r3\"}")
        #expect(next.openEffects.isEmpty)
    }

    @Test("an absent decision leaves the effect to the job's next run")
    func absent() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let result = try journal.bursar("resolve", key, "--absent", "--because", "the bank says so", "--json")
        #expect(try result.json()["outcome"] == "absent")
        #expect(try await journal.begin().recorded(key)?.outcome == .absent)
    }

    @Test("a decision that cannot be right is refused: no reason, no id, both ends, a key nobody has, an id another effect made")
    func refused() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        func resolve(_ arguments: String...) throws -> BursarProgram.Result {
            try BursarProgram.run(["resolve", "--state", journal.journalFolder.path] + arguments)
        }
        #expect(try resolve(key, "--absent").exitCode == 2)
        #expect(try resolve(key, "--absent", "--because", " ").exitCode == 2)
        #expect(try resolve(key, "--because", "seen").exitCode == 2)
        #expect(try resolve(key, "--absent", "--settled", "r3", "--because", "seen").exitCode == 2)
        #expect(try resolve(key, "--settled", "ID", "--because", "seen").exitCode == 2)
        let near = try resolve("refunds/p3/payments.refund#2", "--absent", "--because", "seen")
        #expect(near.exitCode == 3 && near.errors.hasSuffix("hint: did you mean '\(key)'?\n"))
        #expect(try resolve("refunds/p3", "--absent", "--because", "seen").errors.hasSuffix("hint: did you mean '\(key)'?\n"))
        let taken = try resolve(key, "--settled", "r1", "--because", "seen")
        #expect(taken.exitCode == 3 && taken.errors.contains("was made by another effect: refunds/p1/"))
        let own = try resolve(key, "--settled", "p3", "--because", "seen")
        #expect(own.exitCode == 3 && own.errors.contains("p3 is what payments.refund was asked for"), "\(own.errors)")
        for payment in ["p1", "p4"] {
            let other = try resolve(key, "--settled", payment, "--because", "seen")
            #expect(
                other.exitCode == 3 && other.errors.contains("\(payment) is one of the payments that refunds/"), "\(other.errors)"
            )
        }
        #expect(try journal.bursar("doubts").exitCode == 12)
    }

    @Test("an effect that changes an object happened to that object, and an id of another kind is not what was made")
    func kinds() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        func doubt(_ operation: String, object: String?, _ number: Int) async throws -> String {
            let key = "\(operation)#\(number)"
            let intent = Intent(
                key: key, row: nil, operation: operation, object: object, stamp: nil, amount: nil, request: "{}", location: nil,
                mustNotRepeat: false)
            guard case .recorded(let id) = try await job.intend(intent) else { return "" }
            job.note(Attempt(.send, .inDoubt, detail: "lost"), of: id)
            return key
        }
        let made = try await doubt("payments.create", object: "order-7", 1)
        let captured = try await doubt("payments.capture", object: "p9", 2)
        let account = try await doubt("accounts.update", object: "a1", 3)
        try await job.end(state: "failed", exitCode: 12, report: "{}", finishesJob: false)
        func resolve(_ key: String, _ id: String) throws -> BursarProgram.Result {
            try journal.bursar("resolve", key, "--settled", id, "--because", "seen")
        }
        let reference = try resolve(made, "order-7")
        #expect(
            reference.exitCode == 3 && reference.errors.contains("is what payments.create was asked for"), "\(reference.errors)")
        let ofAccounts = try resolve(made, "a1")
        #expect(ofAccounts.exitCode == 3 && ofAccounts.errors.contains("a1 is one of the accounts that"), "\(ofAccounts.errors)")
        let another = try resolve(captured, "p8")
        #expect(another.exitCode == 3 && another.errors.contains("payments.capture changes p9"), "\(another.errors)")
        #expect(try resolve(captured, "p9").exitCode == 0)
        #expect(try resolve(account, "a1").exitCode == 0)
        #expect(try resolve(made, "p9").exitCode == 0, "what was captured later may be what was made")
    }

    @Test("where several jobs have the key, the number says which")
    func jobs() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun(job: "one")
        try await journal.mixedRun(job: "two")
        let several = try journal.bursar("resolve", key, "--absent", "--because", "seen")
        #expect(several.exitCode == 3 && several.errors.contains("hint: say which with --job 1 or --job 2"))
        #expect(try journal.bursar("resolve", key, "--absent", "--because", "seen", "--job", "2").exitCode == 0)
        #expect(try journal.bursar("doubts", "--json").json()["count"] == 1)
    }
}
