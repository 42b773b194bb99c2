import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A bank whose events go to a listener, and a run beside it that awaits what the events tell of. The witness is the bank's log of calls.
@Suite("await and the events of a listener")
struct AwaitedEventTests {
    private let payment = "65d0" + String(repeating: "0", count: 20)

    /// A minute lies between RECEIVED and SETTLED, on a clock that stands until it is moved.
    private var world: String {
        let account = "200000000001"
        return """
            {"clock": "2026-11-16T09:00:00Z", "settings": {"settlementDelaySeconds": 60},
             "identities": [{"id": "65d1\(String(repeating: "0", count: 20))", "type": "ORGANIZATION", "name": "T"}],
             "accounts": [{"id": "65d2\(String(repeating: "0", count: 20))", "identityId": "65d1\(String(repeating: "0", count: 20))",
               "accountNumber": "\(account)", "currency": "ARS", "balance": "0"}],
             "payments": [{"id": "\(payment)", "type": "TOPUP_ACCOUNT", "status": "CAPTURED", "totalAmount": "100.00",
               "currency": "ARS", "accountNumber": "\(account)", "createdAt": "2026-11-16T08:00:00Z",
               "origins": [{"type": "CVU", "currency": "ARS"}],
               "destinations": [{"type": "ACCOUNT", "currency": "ARS", "account": {"accountNumber": "\(account)"}}]}]}
            """
    }

    /// By itself it would look once an hour.
    private var script: String {
        """
        job { name = "awaits", effects = {} }
        emit(await("\(payment)", "SETTLED", { every = "1h", timeout = "10h" }).status)
        """
    }

    @Test("the payment is read once for each event about it, and not before; the run goes on with the one that settles it")
    func woken() async throws {
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(world: folder.write("world.json", world))
        let environment = server.environment.merging(["CONOMY_WEBHOOK_SECRET": "k"]) { $1 }
        // An event that nobody handles is stored like others.
        _ = try server.folder.write("h.lua", "on(\"customer.levelChanged\", function() end)")
        _ = try server.folder.write("s.lua", script)
        let listener = try BursarProgram.Running(
            ["listen", "h.lua", "--port", "0"], environment: environment, in: server.folder.path)
        try await listener.until { listener.output.contains("listening on ") }
        let address = try #require(listener.output.split(separator: " ").first { $0.hasPrefix("http://") })
        // Of the two schemes the one that has one event for each of the two steps before the run's end.
        try await server.control(
            "/_sim/webhook", method: "PUT", ["url": .string(String(address)), "secretKey": "k", "schemes": ["older"]])

        let run = try BursarProgram.Running(["run", "s.lua"], environment: environment, in: server.folder.path)
        func reads() async throws -> [Int] {
            try await server.calls().filter { $0["operation"] == "payments.get" }.compactMap { $0["status"]?.integer }
        }
        try await run.until { try await reads() == [200] }
        let received = try server.run(["api", "call", "payments.simulate_received", "id=\(payment)"])
        #expect(received.exitCode == 0, "\(received.output)\(received.errors)")
        try await run.until { try await reads() == [200, 200] }
        #expect(run.isRunning && run.output.isEmpty, "\(run.output)")
        try await server.control("/_sim/clock", ["advanceSeconds": 60])
        let end = run.wait()
        #expect(end.exitCode == 0 && end.output.hasPrefix("\"SETTLED\"\n"), "\(end.output)\(end.errors)")
        #expect(try await reads() == [200, 200, 200])
        listener.signal(SIGTERM)
        #expect(listener.wait().exitCode == 0)
    }
}
