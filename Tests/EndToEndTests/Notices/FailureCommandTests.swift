import ExactJSON
import Foundation
import Testing

@Suite("--on-failure")
struct FailureCommandTests {
    /// Writes down what it finds.
    private static let command = #"""
        echo "$BURSAR_EXIT_CODE|$BURSAR_EXIT_MEANING|$BURSAR_JOB|$BURSAR_RUN_ENV|$CONOMY_API_KEY|$CONOMY_WEBHOOK_SECRET" > told; cat >> told
        """#

    @Test("runs when a run failed, reads what failed, and is told which run without its credentials")
    func failure() async throws {
        let server = try await SandboxServer()
        let script = try server.folder.write("t.lua", "job { name = 'sweep' } log.info('here') fail('not tonight')")
        let result = try BursarProgram.run(
            ["run", script, "--quiet", "--on-failure", FailureCommandTests.command],
            environment: server.environment.merging(["CONOMY_WEBHOOK_SECRET": "k-123456"]) { $1 }, in: server.folder.path)
        #expect(result.exitCode == 1)
        let told = server.folder.text("told")
        #expect(
            told.hasPrefix("1|the script failed, or the API said no to it|sweep|bank||\nFAILED: sweep in bank, exit code 1"),
            "\(told)")
        #expect(told.contains("not tonight") && told.contains("here") && told.contains("bursar show"), "\(told)")
    }

    @Test("does not run when nothing failed")
    func success() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        let result = try BursarProgram.run(["run", script, "--quiet", "--on-failure", "touch told"], in: folder.path)
        #expect(result.exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/told"))
    }

    @Test("runs for a run that could not begin")
    func unbegun() throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(
            ["run", "nightly.lua", "--on-failure", FailureCommandTests.command], in: folder.path)
        #expect(result.exitCode == 3)
        #expect(folder.text("told").hasPrefix("3|"), "\(folder.text("told"))")
        #expect(folder.text("told").contains("|nightly|") && folder.text("told").contains("nightly.lua"))
    }

    @Test("one that fails, or prints, or reads nothing of much, changes nothing of how the run ended")
    func troubles() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "for i = 1, 3000 do log.info(('x'):rep(50)) end fail('not tonight')")
        for command in ["echo printed; exit 9", "exec 0<&-; echo printed"] {
            let result = try BursarProgram.run(["run", script, "--json", "--on-failure", command], in: folder.path)
            #expect(result.exitCode == 1)
            #expect(try result.json()["ok"] == false, "standard output is the document's")
            #expect(result.errors.contains("\nprinted\n"))
            if command.contains("exit 9") { #expect(result.errors.contains("its command ended with 9"), "\(result.errors)") }
        }
    }

    @Test("of a run that was told to stop it goes on alone")
    func stopped() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "log.info('up') while true do sleep(0.05) end")
        let run = try BursarProgram.Running(
            ["run", script, "--on-failure", "while [ ! -e go ]; do sleep 0.02; done; cat > told"], in: folder.path)
        try await run.until { run.errors.contains("up") }
        run.signal(SIGTERM)
        #expect(run.wait().exitCode == 143)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/told"))
        _ = try folder.write("go", "")
        for _ in 0..<3000 where folder.text("told").isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(folder.text("told").contains("stopped by SIGTERM"), "\(folder.text("told"))")
    }

    @Test("a signal that comes while it runs leaves it to itself, and the run ends as it did")
    func stoppedLate() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "fail('not tonight')")
        let run = try BursarProgram.Running(
            ["run", script, "--on-failure", "touch begun; while [ ! -e go ]; do sleep 0.02; done; cat > told"], in: folder.path)
        try await run.until { FileManager.default.fileExists(atPath: folder.path + "/begun") }
        run.signal(SIGTERM)
        let result = run.wait()
        #expect(result.exitCode == 1)
        #expect(!result.errors.contains("within a minute"), "it was not waited for: \(result.errors)")
        _ = try folder.write("go", "")
        for _ in 0..<3000 where folder.text("told").isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(folder.text("told").contains("not tonight"))
    }

    @Test("runs for a run whose log file cannot be opened")
    func noLog() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        let result = try BursarProgram.run(
            ["run", script, "--log-file", "none/x.log", "--on-failure", "cat > told"], in: folder.path)
        #expect(result.exitCode == 3)
        #expect(folder.text("told").contains("none/x.log"), "\(folder.text("told"))")
    }
}
