import ExactJSON
import Foundation
import Testing

/// Single calls, rehearsed and real, against a bank that is reached as a vendor's sandbox is.
@Suite("A rehearsed call")
struct RehearsalTests {
    private let world = Example.root.appendingPathComponent("examples/bulk-refunds/world.json").path
    private let refund = ["api", "call", "payments.refund", "id=65b0a1000000000000000202", "amount=10"]

    /// How many refunds the bank knows.
    private func refunds(_ server: SandboxServer) throws -> Int? {
        try server.run(["api", "call", "refunds.list"]).json()["results"]?.array?.count
    }

    @Test("changes nothing there; the same call without --dry-run does")
    func changesNothing() async throws {
        let server = try await SandboxServer(world: world)
        #expect(try server.run(refund + ["--dry-run"]).exitCode == 0)
        #expect(try refunds(server) == 0)
        #expect(try server.run(refund).exitCode == 0)
        #expect(try refunds(server) == 1)
    }

    @Test("is possible where effects are not allowed, and the call itself is refused there")
    func effectsNotAllowed() async throws {
        let server = try await SandboxServer(world: world, settings: "    allow_effects: false\n")
        #expect(try server.run(refund + ["--dry-run"]).exitCode == 0)
        let refused = try server.run(refund)
        #expect(refused.exitCode == 8, "\(refused.errors)")
        #expect(try refunds(server) == 0)
    }
}
