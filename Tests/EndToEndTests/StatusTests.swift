import ExactJSON
import Foundation
import Testing

@Suite("SIGUSR1 asks a run how it goes")
struct StatusTests {
    private let slow = """
        conomy.accounts.list()
        local rows = {}
        for i = 1, 100 do rows[i] = { id = "r" .. i } end
        for_each(rows, { key = "id", parallel = 2, name = "slow" }, function(row)
          if row.id ~= "r1" then sleep("1m") end
          conomy.payments.refund("9efd2c282d74e3373fc4d393", { amount = money("1.00", "COP") })
        end)
        """

    @Test("it tells of rows, effects, calls, the pace and the circuit, on standard error, and the run goes on")
    func tells() async throws {
        let server = try await SandboxServer(world: BursarProgram.data + "/world.json")
        let program = try BursarProgram.Running(
            ["run", server.folder.write("s.lua", slow), "--json", "--rate", "50"], environment: server.environment,
            in: server.folder.path)
        try await program.until { try await !server.ledger().isEmpty }
        try await program.until {
            program.signal(SIGUSR1)
            return program.errors.contains("rows     1 of 100 done")
        }
        let lines = program.errors.components(separatedBy: "\n")
        #expect(lines.contains { $0.hasPrefix("status: running s.lua in bank for ") })
        for line in [
            "  effects  1 payments.refund settled  1.00 COP", "  reads    2",
            "  calls    0 in flight, window 64, 0 wait for their turn, at most 50 a second", "  held     no",
            "  circuit  closed", "  oldest   no call is in flight",
        ] { #expect(lines.contains(line), "\(line) is not in \(program.errors)") }
        // Rows that sleep need not be waited for: the second signal ends the program at once.
        program.signal(SIGINT)
        program.signal(SIGTERM)
        let result = program.wait()
        #expect(result.exitCode >= 128)
        #expect(result.output.isEmpty)
    }

    @Test("a call that is held up is named with its key")
    func oldest() async throws {
        let faults = try TemporaryFolder()
        let path = try faults.write(
            "faults.json", #"[{"operation": "payments.refund", "fault": "stall", "when": "before", "seconds": 600}]"#)
        let server = try await SandboxServer(world: BursarProgram.data + "/world.json", arguments: ["--faults", path])
        let program = try BursarProgram.Running(
            ["run", server.folder.write("s.lua", slow), "--json"], environment: server.environment, in: server.folder.path)
        try await program.until {
            program.signal(SIGUSR1)
            return program.errors.contains("slow/r1/payments.refund#1")
        }
        #expect(program.errors.contains("1 in flight"))
        #expect(program.errors.contains("  oldest   payments.refund for "))
        program.signal(SIGINT)
        program.signal(SIGTERM)
        _ = program.wait()
    }

    @Test("asked without end, from before a run begins until it is over, it neither ends nor changes it")
    func bombarded() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "s.lua",
            """
            local rows = {}
            for i = 1, 2000 do rows[i] = { id = "r" .. i } end
            for_each(rows, { key = "id", parallel = 8 }, function() conomy.accounts.list() end)
            emit("done")
            """)
        let program = try BursarProgram.Running(["run", script])
        // It hears the signal before it does anything else.
        while program.isRunning, !program.catches(SIGUSR1) { sched_yield() }
        while program.isRunning {
            for _ in 0..<10 { program.signal(SIGUSR1) }
            try await Task.sleep(for: .milliseconds(1))
        }
        let result = program.wait()
        #expect(result.exitCode == 0, "\(result.errors.suffix(2000))")
        #expect(result.output.contains("done"))
        #expect(result.output.contains("2000: 2000 succeeded"))
        #expect(result.errors.contains("status: "))
    }
}
