import ExactJSON
import Foundation
import Testing

@Suite("A Lua script refunds a CSV", .serialized)
struct MainJobTests {
    static let examples = BursarProgram.sources.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "examples"
    ).path
    let arguments = [
        "run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(BursarProgram.data)/refunds.csv", "--json", "--quiet",
        "--seed", "1",
    ]
    let world = ["--world", BursarProgram.data + "/world.json"]

    /// What a truthful rehearsal finds in the file.
    func expected() throws -> JSON {
        try JSON(parsing: String(contentsOfFile: BursarProgram.data + "/expected.json", encoding: .utf8))
    }

    /// Compares a report with what is expected.
    func check(_ report: JSON, rehearsal: Bool) throws {
        let expected = try expected()
        let good = try #require(expected["good"]?.integer)
        #expect(report["rehearsal"] == .bool(rehearsal))
        #expect(report["rows"]?["total"] == expected["rows"])
        #expect(report["rows"]?["succeeded"] == .integer(good))
        #expect(report["effects"]?["totals"] == expected["totals"])

        // Each bad kind by the words that tell it from the others. A number alone would be found in ids, too.
        let words: [(kind: String, text: String)] = [
            ("over_refund", "left to refund"), ("unknown_payment", "404 notFound"), ("not_settled", "only a SETTLED payment"),
            ("bad_amount", "amount is"),
            ("duplicate_key", "stands already"), ("wrong_currency", "is in CLP"),
        ]
        var counts: [String: Int] = [:]
        for failure in report["failures"]?.array ?? [] {
            let example = try #require(failure["example"]?.string)
            // "amount is ..." begins both the malformed and the wrong currency; the later word decides.
            let kind = words.last { $0.kind == "bad_amount" ? example.hasPrefix($0.text) : example.contains($0.text) }?.kind
            counts[kind ?? example, default: 0] += failure["count"]?.integer ?? 0
        }
        #expect(JSON.object(JSONObject(counts.map { ($0.key, .integer($0.value)) })) == expected["bad"])
    }

    @Test("without leave to skip, malformed rows keep the run from starting, and all are listed")
    func refusesToStart() async throws {
        let server = try await SandboxServer(world: world[1])
        let before = try await server.ledger().count
        let result = try server.run(arguments)
        #expect(result.exitCode == 3)
        let report = try result.json()
        #expect(report["invalid_input"]?["count"] == 8)
        let lines = (report["invalid_input"]?["problems"]?.array ?? []).compactMap { $0["line"]?.integer }
        #expect(lines == [126, 339, 434, 477, 535, 678, 1031, 1195])
        #expect(report["effects"]?["count"] == 0)
        #expect(try await server.ledger().count == before)
    }

    @Test("the rehearsal finds what the file holds, and the run finds the same")
    func rehearsalAndRun() throws {
        let rehearsal = try BursarProgram.run(arguments + world + ["--on-invalid-row", "skip", "--dry-run"])
        #expect(rehearsal.exitCode == 6)
        try check(rehearsal.json(), rehearsal: true)
        let run = try BursarProgram.run(arguments + world + ["--on-invalid-row", "skip"])
        #expect(run.exitCode == 6)
        try check(run.json(), rehearsal: false)
    }

    @Test("the bank's own books agree with the report to the cent, and the result file with both")
    func ledgerAgrees() async throws {
        let server = try await SandboxServer(world: world[1])
        let before = try await server.ledger().count
        let results = server.folder.path + "/results.csv"
        let result = try server.run(arguments + ["--on-invalid-row", "skip", "--results", results])
        try check(result.json(), rehearsal: false)

        // Refunds that were accepted settle at the bank's next look.
        _ = try server.run(["api", "call", "refunds.list", "limit=1", "--quiet"])
        var sums: [String: Decimal] = [:]
        for entry in try await server.ledger().dropFirst(before) {
            guard let text = entry["amount"]?.string, let code = entry["currency"]?.string, let amount = Decimal(string: text)
            else { continue }
            sums[code, default: 0] += amount
        }
        for (code, total) in try #require(expected()["totals"]?.object).members {
            #expect(sums[code] == Decimal(string: total.string ?? ""), "\(code)")
        }

        let lines = try String(contentsOfFile: results, encoding: .utf8)
        #expect(lines.components(separatedBy: ",succeeded,").count - 1 == 1175)
        #expect(lines.components(separatedBy: ",invalid,").count - 1 == 8)
        #expect(lines.components(separatedBy: ",failed,").count - 1 == 17)
    }

    @Test("a rehearsal against a bank over HTTP finds what the file holds, and only reads there")
    func remoteRehearsal() async throws {
        let server = try await SandboxServer(world: world[1])
        let before = try await server.ledger().count
        let result = try server.run(arguments + ["--on-invalid-row", "skip", "--dry-run"])
        let report = try result.json()
        try check(report, rehearsal: true)

        let calls = try await server.calls()
        let others = calls.filter { $0["method"] != "GET" }.compactMap { $0["target"]?.string }
        #expect(Set(others) == ["/auth"] && calls.count > 1175)
        #expect(try await server.ledger().count == before)
        // Each object was read once, however many rows run beside each other.
        let reads = calls.filter { $0["method"] == "GET" }.compactMap { $0["target"]?.string }
        #expect(Set(reads).count == reads.count)
        #expect(report["reads"] == .integer(reads.count))

        // What leaves the accounts is what is refunded.
        let changes = (report["balances"]?.array ?? []).map { ($0["currency"]?.string ?? "", $0["change"] ?? .null) }
        let totals = try #require(expected()["totals"]?.object)
        #expect(JSONObject(changes) == JSONObject(totals.members.map { ($0.key, .string("-\($0.value.string ?? "")")) }))
        let states = Set((report["effects"]?["by_operation"]?.array ?? []).compactMap { $0["state"]?.string })
        #expect(states == ["assumed", "declined", "refused"])
    }
}
