import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation
import Testing

@Suite("bursar show")
struct ShowTests {
    @Test("tells what a run was, its sums, its effects, what failed and what to do next")
    func text() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let result = try journal.bursar("show", run.name, columns: 60)
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        #expect(
            result.output == """
                Run \(run.name): failed, exit code 12
                  job        bulk-refunds in sandbox (job 1)
                  script     /home/ana/refund.lua
                  argument   input=/home/ana/refunds.csv
                  command    bursar run refund.lua input=refunds.csv
                  started    2026-11-25 01:31:07Z
                  took       31 s
                  by         process 4711 of ana on till-3
                  version    0.1.0
                  rows       5: 3 failed, 1 in doubt, 1 succeeded
                  effects    1 payments.refund settled
                               150.00 ARS
                             1 payments.refund declined
                               9,000 CLP
                             1 payments.refund not sent
                               150.00 ARS
                             1 payments.refund in doubt
                               150.00 ARS

                Effects:
                  refunds/p1/payments.refund#1
                      150.00 ARS, settled, made r1
                  refunds/p2/payments.refund#1
                      9000 CLP, declined, 422 21 unprocessable: nothing is
                      left
                  refunds/p3/payments.refund#1
                      150.00 ARS, in doubt, the list of refunds could not be
                      read: 503
                  refunds/p4/payments.refund#1
                      150.00 ARS, could not be sent, no connection to
                      api.example

                Rows that did not succeed:
                  line 3, refunds/p2: failed: 422 21 unprocessable: nothing
                      is left
                  line 4, refunds/p3: in doubt: the connection broke after
                      sending
                  line 5, refunds/p4: failed: no connection to api.example
                  line 6, refunds/p5: failed: amount is "-5", which has a
                      sign

                Next: 1 effect may or may not have happened: the job's next
                      run looks, and bursar doubts shows what a person can
                      do.
                Next: bursar why ROW tells all about one row; running the
                      job again tries rows that are not done.

                """)
    }

    @Test("a part of the name does, and last; what fits none or several says so")
    func names() async throws {
        let journal = try JournalFixture()
        let first = try await journal.mixedRun()
        #expect(try journal.bursar("show", String(first.name.suffix(4))).exitCode == 0)
        #expect(try journal.bursar("show", "last").exitCode == 0)
        let second = try await journal.begin(job: "payouts")
        try await second.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        let several = try journal.bursar("show", "20261125")
        #expect(several.exitCode == 3 && several.errors.contains("fits several runs"))
        // The last character is another one.
        let typo = String(first.name.dropLast()) + "x"
        #expect(try journal.bursar("show", typo).errors.hasSuffix("hint: did you mean \(first.name)?\n"))
        #expect(try journal.bursar("show", "%").exitCode == 3)
        #expect(try journal.bursar("show", "").exitCode == 3)
    }

    @Test("lists the effects that are asked for, and never a wall of them")
    func filters() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        func keys(_ kind: String) throws -> [String] {
            let json = try journal.bursar("show", "last", "--json", "--effects", kind).json()
            return (json["effects"]?.array ?? []).compactMap { $0["object"]?.string }
        }
        #expect(try keys("settled") == ["p1"])
        #expect(try keys("declined") == ["p2"])
        #expect(try keys("in_doubt") == ["p3"])
        #expect(try keys("failed") == ["p2", "p4"])
        #expect(try keys("all") == ["p1", "p2", "p3", "p4"])
        let two = try journal.bursar("show", "last", "--limit", "2").output
        #expect(two.contains("refunds/p2/payments") && !two.contains("refunds/p3/payments"))
        #expect(two.contains("\n  and 2 more (--json and --csv list all)\n"))
    }

    @Test("as JSON: everything, with exact sums")
    func json() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let json = try journal.bursar("show", "last", "--json").json()
        #expect(json["run"]?.string == run.name)
        #expect(json["job"]?["arguments"]?["input"] == "/home/ana/refunds.csv")
        #expect(json["effects"]?.array?.count == 4)
        #expect(json["effects"]?.array?.first?["request"]?["body"]?["amount"] == "150.00")
        #expect(json["failed_rows"]?.array?.compactMap { $0["line"]?.integer } == [3, 4, 5, 6])
        #expect(json["rows"] == ["failed": 3, "in_doubt": 1, "succeeded": 1])
        let settled: JSON = ["operation": "payments.refund", "state": "settled", "count": 1, "totals": ["ARS": "150.00"]]
        #expect(json["totals"]?.array?.first == settled)
        let none = try journal.bursar("show", "nothing", "--json")
        #expect(none.exitCode == 3)
        #expect(try none.json()["failure"]?["kind"] == "invalid")
    }

    @Test("as CSV: one line an effect, and no cell that a spreadsheet would run")
    func csv() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        let id = try await JournalFixture.intend("=cmd|' /C calc'!A0", in: job)
        job.note(Attempt(.send, .declined, detail: "+1, \"really\"\nno"), of: id)
        try await job.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
        let lines = try journal.bursar("show", "last", "--csv").output
        #expect(
            lines.hasPrefix(
                "key,row,operation,object,amount,currency,state,made,status,intended_at,known_at,run,location,detail\n"))
        #expect(lines.contains(",'=cmd|' /C calc'!A0,150.00,ARS,declined,"))
        #expect(lines.contains(",\"'+1, \"\"really\"\"\nno\"\n"))
    }

    @Test("a run that learnt something of an earlier run's effect has it, too")
    func learnt() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let second = try await journal.begin()
        let open = second.openEffects
        #expect(open.count == 1)
        second.note(Attempt(.probe, .settled, status: 200, result: "r3", answer: "{}", detail: "found by its stamp"), of: open[0])
        try await second.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        let json = try journal.bursar("show", "last", "--json").json()
        #expect(json["effects"]?.array?.compactMap { $0["object"]?.string } == ["p3"])
        #expect(json["finished_by"]?.string == second.run.name)
        #expect(try journal.bursar("show", "last").output.contains("was finished by run \(second.run.name)"))
        let counts = try journal.bursar("runs", "--json").json()["runs"]?.array?.map { $0["effects"]?["settled"] }
        #expect(counts == [1, 2])
    }

    @Test("a reader that goes away after the first line is no error, and the rest is not made")
    func head() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3000 { group.addTask { _ = try await JournalFixture.intend("p\(number)", in: job) } }
            try await group.waitForAll()
        }
        try await job.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
        for arguments in ["show last --csv", "show last --json", "doubts --json", "runs"] {
            let result = try journal.shell("bursar \(arguments) --state \"$STATE\" | head -1; echo \"${PIPESTATUS[0]}\"")
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 2, "\(arguments): \(result.output)")
            #expect(lines.last == (arguments.hasPrefix("doubts") ? "12" : "0"))
            #expect(result.errors.isEmpty, "\(result.errors)")
        }
        #expect(try journal.bursar("show", "last", "--json").json()["effects"]?.array?.count == 3000)
        #expect(try journal.bursar("doubts", "--json").json()["count"] == 3000)
    }
}
