import ExactJSON
import Foundation
import Testing

/// `bursar freeze` while nothing runs, and while something does.
@Suite("A freeze")
struct FreezeTests {
    private func server() async throws -> SandboxServer {
        let server = try await SandboxServer(world: PolicyTests.world)
        _ = try server.folder.write("refunds.lua", PolicyTests.script)
        return server
    }

    private func refunds(_ server: SandboxServer) throws -> Int? {
        try server.run(["api", "call", "refunds.list"]).json()["results"]?.array?.count
    }

    @Test("stops every effect and says why; reads and rehearsals go on; thaw ends it, and the job goes on")
    func freeze() async throws {
        let server = try await server()
        let frozen = try server.run(["freeze", "--because", "wrong amounts"])
        #expect(frozen.exitCode == 0 && frozen.output.contains("every environment is frozen"), "\(frozen.output)\(frozen.errors)")
        #expect(try server.run(["freeze", "--because", "again"]).output.contains("wrong amounts"))
        let run = try server.run(["run", "refunds.lua"])
        #expect(run.exitCode == 8 && run.errors.contains("wrong amounts") && run.errors.contains("bursar thaw"), "\(run.errors)")
        let call = try server.run(["api", "call", "payments.refund", "id=65b0a1000000000000000201", "amount=10.00"])
        #expect(call.exitCode == 8 && call.errors.contains("wrong amounts"), "\(call.errors)")
        #expect(try refunds(server) == 0)
        let rehearsal = try server.run(["run", "refunds.lua", "--dry-run"])
        #expect(rehearsal.exitCode == 0 && rehearsal.errors.contains("wrong amounts"), "\(rehearsal.errors)")
        let thawed = try server.run(["thaw"])
        #expect(thawed.output.contains("is thawed") && thawed.output.contains("wrong amounts"))
        #expect(try server.run(["thaw"]).output.contains("was not frozen"))
        #expect(try server.run(["run", "refunds.lua"]).exitCode == 0)
        #expect(try refunds(server) == 6)
    }

    @Test("of one environment leaves the others alone")
    func one() async throws {
        let server = try await server()
        #expect(try server.run(["freeze", "--env", "production", "--because", "x"]).exitCode == 0)
        #expect(try server.run(["run", "refunds.lua"]).exitCode == 0)
        #expect(try server.run(["freeze", "--env", "bank", "--because", "x"]).exitCode == 0)
        #expect(try server.run(["run", "refunds.lua", "--again", "--allow-repeat"]).exitCode == 8)
        #expect(try server.run(["freeze", "--env", "bnak", "--because", "x"]).exitCode == 3)
        #expect(try server.run(["freeze"]).exitCode == 2)
    }

    @Test("ends a run that goes on: what was on its way is settled, nothing new leaves, and the rest is done after the thaw")
    func whileRunning() async throws {
        let server = try await server()
        let script = """
            job { name = "many", effects = { "payments.refund" } }
            local rows = {}
            for number = 1, 400 do rows[number] = number end
            for_each(rows, { name = "refunds", parallel = 4 }, function(number)
              conomy.payments.refund("65b0a1000000000000000201", { amount = "1.00", reason = "part " .. number })
            end)
            """
        _ = try server.folder.write("many.lua", script)
        let running = try BursarProgram.Running(
            ["run", "many.lua", "--rate", "50", "--json"], environment: server.environment, in: server.folder.path)
        try await running.until { try refunds(server) ?? 0 >= 5 }
        #expect(try server.run(["freeze", "--because", "stop it"]).exitCode == 0)
        let atFreeze = try await server.ledger().count
        let ended = running.wait()
        #expect(ended.exitCode == 8, "\(ended.errors)")
        let settled = try await server.ledger().count
        // Four rows were in flight at most; what the freeze's own command took counts for some more.
        #expect(settled - atFreeze <= 2 * 8 && settled < 800)
        let report = try ended.json()
        #expect(
            report["failure"]?["code"]?.string == "frozen" || report["failure"]?["message"]?.string?.contains("stop it") == true)
        #expect(try server.run(["thaw"]).exitCode == 0)
        #expect(try server.run(["run", "many.lua"]).exitCode == 0)
        let doubles = try server.run(["doubts"])
        #expect(doubles.exitCode == 0)
        #expect(try server.run(["show", "last", "--json"]).exitCode == 0)
    }
}
