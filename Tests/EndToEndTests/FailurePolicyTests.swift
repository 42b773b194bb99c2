import ExactJSON
import Foundation
import Testing

@Suite("Which failures a run goes on after, and how long it waits")
struct FailurePolicyTests {
    /// Twenty refunds of one payment, one after the other.
    private let refunds = """
        local rows = {}
        for i = 1, 20 do rows[i] = { id = "r" .. i } end
        for_each(rows, { key = "id", parallel = 1, name = "refunds", max_failures = 1 }, function(row)
          if row.id == "r3" then fail("no") end
          local amount = row.id == "r2" and "99999999.00" or "1.00"
          conomy.payments.refund("9efd2c282d74e3373fc4d393", { amount = money(amount, "COP") })
        end)
        """

    private func run(
        _ flags: [String], faults: String? = nil, script: String? = nil
    ) throws -> (result: BursarProgram.Result, report: JSON) {
        let folder = try TemporaryFolder()
        var flags = flags
        if let faults { flags += ["--faults", try folder.write("faults.json", faults)] }
        let result = try BursarProgram.run(
            ["run", folder.write("s.lua", script ?? refunds), "--world", BursarProgram.data + "/world.json", "--json"] + flags)
        return (result, try result.json())
    }

    @Test("--max-failures wins over the script, and 10 is the exit code")
    func maxFailures() throws {
        let (script, scriptReport) = try run([])
        #expect(script.exitCode == 10)
        #expect(scriptReport["failure"]?["message"]?.string?.contains("more than max_failures allows") == true)
        #expect(scriptReport["rows"]?["succeeded"] == 1)
        #expect(scriptReport["rows"]?["not_run"] == 17)
        let (strict, strictReport) = try run(["--max-failures", "0"])
        #expect(strict.exitCode == 10)
        #expect(strictReport["failure"]?["message"]?.string?.contains("more than --max-failures allows") == true)
        #expect(strictReport["rows"]?["not_run"] == 18)
        let (patient, patientReport) = try run(["--max-failures", "10%"])
        #expect(patient.exitCode == 6)
        #expect(patientReport["rows"]?["succeeded"] == 18)
    }

    @Test("--stop-on ends at the first row of its class, and says which")
    func stopOn() throws {
        let (declined, report) = try run(["--stop-on", "declined", "--stop-on", "unreachable", "--max-failures", "20"])
        #expect(declined.exitCode == 10)
        #expect(
            report["failure"]?["message"]
                == "row r2 was declined, and --stop-on declined ends the run there: no further row was started")
        #expect(report["rows"]?["succeeded"] == 1)
        #expect(report["rows"]?["not_run"] == 18)
        let (failed, failedReport) = try run(["--stop-on", "failed", "--max-failures", "20"])
        #expect(failed.exitCode == 10)
        #expect(failedReport["failure"]?["message"]?.string?.hasPrefix("row r3 failed") == true)
        let (refused, _) = try run(["--stop-on", "refused", "--max-failures", "20"])
        #expect(refused.exitCode == 6)
    }

    @Test("a row in doubt ends the run where that is asked for, although its script caught the error, and 12 outweighs 10")
    func stopOnDoubt() throws {
        let script = """
            for_each({ "a", "b", "c" }, { parallel = 1 }, function(id)
              pcall(conomy.payments.refund, "9efd2c282d74e3373fc4d393", { amount = money("1.00", "COP") })
            end)
            """
        let (result, report) = try run(
            ["--stop-on", "in_doubt"],
            faults: """
                [{"operation": "payments.refund", "fault": "close", "when": "after", "calls": "2"},
                 {"operation": "refunds.list", "fault": "status", "status": 403},
                 {"operation": "payments.refund_summary", "fault": "status", "status": 403}]
                """, script: script)
        #expect(result.exitCode == 12)
        #expect(report["failure"]?["message"]?.string?.contains("is in doubt, and --stop-on in_doubt") == true)
        #expect(report["rows"]?["in_doubt"] == 1)
        #expect(report["rows"]?["not_run"] == 1)
    }

    @Test(
        "values that are none are usage errors",
        arguments: [
            ["--max-failures", "many"], ["--max-failures", "101%"], ["--stop-on", "bad_luck"], ["--patience", "long"],
        ])
    func usage(flags: [String]) throws {
        let result = try BursarProgram.run(["run", "x.lua"] + flags)
        #expect(result.exitCode == 2)
        #expect(result.errors.contains(flags[0]))
    }

    /// Writes that no read finds again: each that has no answer is in doubt at once.
    private let plain = """
        local rows = {}
        for i = 1, 40 do rows[i] = { id = "r" .. i } end
        for_each(rows, { key = "id", parallel = 1, name = "refunds" }, function(row)
          conomy.payments.presign_document("9efd2c282d74e3373fc4d393", { type = "kyc", contentType = "text/plain" })
        end)
        """

    @Test("an API that stops answering is waited for: ten rows are in doubt, and the others go on when it is back")
    func outage() throws {
        // One look in vain, the second finds it.
        let (result, report) = try run(
            [],
            faults: """
                [{"operation": "payments.presign_document", "fault": "status", "status": 503, "calls": "3-12"},
                 {"operation": "payments.list", "fault": "status", "status": 503, "calls": "1"}]
                """, script: plain)
        #expect(result.exitCode == 12)
        #expect(report["rows"]?["in_doubt"] == 10)
        // The payment is in no review: the bank declines all others.
        #expect(report["rows"]?["failed"] == 30)
        #expect(report["failure"] == nil)
        #expect(result.errors.components(separatedBy: "the API does not answer").count == 2)
        #expect(result.errors.components(separatedBy: "the API answers again").count == 2)
        #expect(result.errors.contains("calls_in_a_row=10"))
    }

    @Test("when the patience ends the run does, with one sentence: 12, because rows are in doubt")
    func outlasted() throws {
        let (result, report) = try run(
            ["--patience", "0s"],
            faults: #"[{"operation": "payments.presign_document", "fault": "status", "status": 503, "calls": "3-"}]"#,
            script: plain)
        #expect(result.exitCode == 12)
        #expect(report["failure"]?["kind"] == "temporary")
        #expect(report["failure"]?["message"]?.string?.hasPrefix("the API has not answered 10 calls in a row; last: ") == true)
        #expect(report["rows"]?["in_doubt"] == 10)
        #expect((report["rows"]?["not_run"]?.integer ?? 0) >= 26)
        #expect(result.errors.components(separatedBy: "the API has not answered").count <= 3)
    }

    @Test("nothing in doubt, and 5 is the exit code: the run can be made again")
    func temporary() throws {
        let script = """
            for_each({ "a", "b" }, { parallel = 1 }, function() conomy.accounts.list() end)
            """
        let (result, report) = try run(
            [], faults: #"[{"operation": "accounts.list", "fault": "status", "status": 429, "retryAfter": "3600"}]"#,
            script: script)
        #expect(result.exitCode == 5)
        #expect(report["failure"]?["message"]?.string?.contains("asks to wait 3600 s") == true)
        #expect(report["rows"]?["not_run"] == 1)
    }

    @Test("a stop ends the waiting at once")
    func stopWhileWaiting() async throws {
        let folder = try TemporaryFolder()
        let faults = try folder.write(
            "faults.json",
            """
            [{"operation": "payments.presign_document", "fault": "status", "status": 503, "calls": "3-"},
             {"operation": "payments.list", "fault": "status", "status": 503}]
            """)
        // The two that are answered come before all others: an answer among those that are not would begin their count anew.
        let answered = """
            for _ = 1, 2 do
              pcall(conomy.payments.presign_document, "9efd2c282d74e3373fc4d393", { type = "kyc", contentType = "text/plain" })
            end

            """
        let script = try folder.write("s.lua", answered + plain.replacingOccurrences(of: "parallel = 1", with: "parallel = 4"))
        let program = try BursarProgram.Running(
            ["run", script, "--world", BursarProgram.data + "/world.json", "--json", "--faults", faults, "--patience", "2h"])
        try await program.until { program.errors.contains("the API does not answer") }
        try await program.until {
            program.signal(SIGUSR1)
            return program.errors.contains("4 calls wait, for ")
        }
        program.signal(SIGINT)
        let result = program.wait()
        #expect(result.exitCode == 130)
        let report = try result.json()
        #expect(report["failure"]?["kind"] == "interrupted")
        // Of forty rows ten met nobody, three more were on their way then, and four waited.
        #expect((report["rows"]?["not_run"]?.integer ?? 0) > 20)
    }
}
