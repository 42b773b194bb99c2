import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Signals while a run is busy. The witness is the bank's log of calls.
@Suite("Runs that are told to stop")
struct StopTests {
    private func start(_ desk: KeptRunTests.Desk) throws -> BursarProgram.Running {
        try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv", "--json"], environment: desk.server.environment, in: desk.server.folder.path)
    }

    @Test(
        "let what is in flight settle, leave no process, and are finished by the next run",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(129))])
    func busy(signal: Int32, exitCode: Int32) async throws {
        let desk = try await KeptRunTests.Desk()
        try await desk.order(
            #"{"operation": "payments.refund", "fault": "delay", "when": "after", "seconds": 1, "calls": "1-4"}"#)
        let run = try start(desk)
        try await run.until { try await desk.writes().count == 4 }
        let workers = try LifeTests().children(of: run.processIdentifier)
        #expect(!workers.isEmpty)
        run.signal(signal)
        let end = run.wait()
        #expect(end.exitCode == exitCode, "\(end.errors)")
        let report = try end.json()
        #expect(report["failure"]?["kind"] == "interrupted")
        #expect(report["rows"]?["succeeded"] == 4 && report["rows"]?["in_doubt"] == 0 && report["rows"]?["not_run"] == 2)
        for worker in workers { #expect(kill(worker, 0) != 0, "the script's process is still there") }
        try await finish(desk)
    }

    @Test("do not wait for a bank that does not answer: what was sent is in doubt, and the next run settles it")
    func silentBank() async throws {
        let desk = try await KeptRunTests.Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "1-4"}"#)
        let run = try start(desk)
        try await run.until { try await desk.writes().count == 4 }
        run.signal(SIGTERM)
        let end = run.wait()
        #expect(end.exitCode == 143, "\(end.errors)")
        // Waited for as long as a call may take, they would have been looked for and found.
        #expect(try end.json()["rows"]?["in_doubt"] == 4, "\(end.output)")
        try await finish(desk)
    }

    @Test("while they read back give that up at once, and the next run does it")
    func readingBack() async throws {
        let desk = try await KeptRunTests.Desk()
        try await desk.order(#"{"operation": "payments.list", "fault": "stall", "times": 1}"#)
        let run = try start(desk)
        try await run.until { try await desk.server.calls().contains { $0["operation"] == "payments.list" } }
        run.signal(SIGTERM)
        let end = run.wait()
        #expect(end.exitCode == 143, "\(end.errors)")
        // A second look would have been answered.
        #expect(try end.json()["read_back"]?["agreed"] != 6, "\(end.output)")
        try await finish(desk)
    }

    /// Each of the six refunds is made once, whatever came before.
    private func finish(_ desk: KeptRunTests.Desk) async throws {
        let second = try desk.run("--json")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try second.json()["read_back"]?["agreed"] == 6, "\(second.output)")
        #expect(try await desk.writes().count == 6)
    }
}
