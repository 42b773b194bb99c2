import ExactJSON
import Foundation
import Testing

@Suite("A run with --quiet that did not end well")
struct QuietFailureTests {
    let refunds = [
        "run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(BursarProgram.data)/refunds.csv",
        "--world", BursarProgram.data + "/world.json", "--on-invalid-row", "skip", "--seed", "1",
    ]

    @Test("says on standard error what failed, the counts and the totals, in 60 columns, and nothing on standard output")
    func text() throws {
        let result = try BursarProgram.run(refunds + ["--quiet"])
        #expect(result.exitCode == 6)
        #expect(result.output.isEmpty, "\(result.output)")
        let text = result.errors
        #expect(text.hasPrefix("FAILED: bulk-refunds in local, exit code 6: some rows failed\n"), "\(text)")
        for part in ["  rows ", "payments.refund done", " ARS\n", "What failed, by cause:", "Next: "] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(!text.contains("Again:"), "what is not corrected fails again: \(text)")
        // A word alone may be longer.
        let long = text.split(separator: "\n").filter { $0.count > 60 && $0.split(separator: " ").allSatisfy { $0.count < 50 } }
        #expect(long.isEmpty, "\(long)")
    }

    @Test("names the run, its log and the command that shows it")
    func places() async throws {
        let server = try await SandboxServer()
        let script = try server.folder.write("t.lua", "log.info('here') fail('not tonight')")
        let result = try server.run(["run", script, "--quiet", "--log-file", "night.log"])
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty, "\(result.output)")
        #expect(result.errors.contains("error: t.lua:1: not tonight"), "\(result.errors)")
        #expect(result.errors.contains("\nLog:   /") && result.errors.contains("/night.log"), "\(result.errors)")
        let lines = result.errors.split(separator: "\n")
        let run = try #require(lines.first { $0.hasPrefix("Look:  bursar show ") }?.split(separator: " ").last)
        let shown = try server.run(["show", String(run)])
        #expect(shown.exitCode == 0 && shown.output.contains(run), "\(shown.errors)")
        let log = try #require(lines.first { $0.hasPrefix("Log:   /") }).dropFirst(7)
        #expect(try String(contentsOfFile: String(log), encoding: .utf8).contains("here"))
    }

    @Test("with --json prints the document and the failure, as without --quiet")
    func json() throws {
        let result = try BursarProgram.run(refunds + ["--quiet", "--json"])
        #expect(result.exitCode == 6)
        #expect(try result.json()["ok"] == false)
        #expect(!result.errors.contains("FAILED"))
    }
}
