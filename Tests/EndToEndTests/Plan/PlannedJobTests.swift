import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Jobs that are planned and applied", .serialized)
struct PlannedJobTests {
    /// Every call that reached a bank: its method and operation.
    private func calls(_ server: SandboxServer) async throws -> [(method: String, operation: String)] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: server.url + "/_sim/calls")))
        return (try JSON(parsing: data)["calls"]?.array ?? []).map { ($0["method"]?.string ?? "", $0["operation"]?.string ?? "") }
    }

    @Test("the plan of a large file finds what is in it by reading alone, and its apply does exactly that")
    func largeFile() async throws {
        let data = BursarProgram.data
        let server = try await SandboxServer(world: data + "/world.json")
        let expected = try JSON(parsing: String(contentsOfFile: data + "/expected.json", encoding: .utf8))
        let good = try #require(expected["good"]?.integer)
        let planned = try server.run([
            "plan", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(data)/refunds.csv", "--on-invalid-row", "skip",
            "-o",
            "p.plan", "--json",
        ])
        #expect(planned.exitCode == 0, "\(planned.errors.suffix(2000))")
        let plan = try JSON(parsing: server.folder.text("p.plan"))
        #expect(plan["totals"] == expected["totals"])
        #expect(try await calls(server).allSatisfy { $0.method == "GET" || $0.operation == "auth" })

        let result = try server.run(["apply", "p.plan", "--json"])
        #expect(result.exitCode == 6, "\(result.errors.suffix(2000))")
        let report = try result.json()
        #expect(report["plan"]?["settled"] == .integer(good) && report["plan"]?["not_done"] == 0)
        #expect(report["read_back"]?["agreed"] == .integer(good) && report["read_back"]?["difference_count"] == 0)
        #expect(report["effects"]?["totals"] == expected["totals"])
        #expect(try await calls(server).count { $0.operation == "payments.refund" } == good)
    }

    static let jobs = [
        ["checkout-sessions", "invoices.lua", "input=invoices.csv"], ["first-topup", "topup.lua", "amount=25000"],
        ["onboarding", "onboard.lua", "input=sellers.csv", "parent=65b0a1000000000000000001"],
        ["payouts", "payouts.lua", "input=payouts.csv"], ["nightly-report", "report.lua"],
    ]

    @Test("every example comes to what its plan says", arguments: PlannedJobTests.jobs)
    func examples(_ words: [String]) async throws {
        let folder = MainJobTests.examples + "/" + words[0]
        let world = folder + "/world.json"
        let server = try await SandboxServer(
            world: FileManager.default.fileExists(atPath: world) ? world : nil, settings: "    settling: 100ms\n")
        let arguments = words.dropFirst(2).map { $0.replacingOccurrences(of: "input=", with: "input=\(folder)/") }
        let planned = try server.run(["plan", "\(folder)/\(words[1])", "-o", "p.plan", "--json"] + arguments)
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let result = try server.run(["apply", "p.plan", "--json"])
        #expect([0, 6].contains(result.exitCode), "\(result.output)\(result.errors)")
        let report = try result.json()
        #expect(report["plan"]?["settled"] == report["plan"]?["planned"] && report["plan"]?["drifted"] == 0, "\(result.output)")
        #expect(
            report["rows"]?["failed"] == (try JSON(parsing: server.folder.text("p.plan"))["rows"]?["failed"])
                || report["rows"] == nil)
    }
}
