import ExactJSON
import Foundation
import Testing

/// An amount is exact, or it is refused with its field, its line and its value, and nothing leaves.
@Suite("The spelling of amounts")
struct AmountSpellingTests {
    private static let payment = "65b0a1000000000000000201"

    /// The writes among the calls that the bank saw.
    private func writes(_ server: SandboxServer) async throws -> [JSON] { try await server.ledger() }

    private func amounts(_ server: SandboxServer) throws -> [String] {
        try #require(try server.run(["api", "call", "refunds.list", "limit=100"]).json()["results"]?.array)
            .compactMap { $0["totalAmount"]?.string ?? $0["amount"]?.string }
    }

    /// The same value, whatever decimals it is written with.
    private func cents(_ text: String) -> Int {
        let parts = text.split(separator: ".")
        let fraction = parts.count == 2 ? String(parts[1]) + String(repeating: "0", count: 2 - parts[1].count) : "00"
        return Int(String(parts[0]) + fraction) ?? -1
    }

    private func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }

    private func lua(_ text: String) -> String {
        "\"" + text.utf8.map { "\\\("000".dropLast(String($0).count))\($0)" }.joined() + "\""
    }

    @Test("there are many of them, each once")
    func table() {
        #expect(AmountSpelling.refused.count >= 60)
        #expect(Set(AmountSpelling.refused.map(\.text)).count == AmountSpelling.refused.count)
    }

    @Test("in a column: every wrong one is listed with its line and value, and nothing is sent")
    func column() async throws {
        let server = try await SandboxServer(world: PolicyTests.world)
        _ = try server.folder.write(
            "refunds.lua",
            """
            job { name = "spellings", args = { input = { "file", help = "CSV" } }, effects = { "payments.refund" } }
            for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { name = "refunds" }, function(row)
              conomy.payments.refund("\(AmountSpellingTests.payment)", { amount = row.amount, reason = row.id })
            end)
            """)
        for spelling in AmountSpelling.refused {
            _ = try server.folder.write("in.csv", "id,amount,currency\nr1,\(quoted(spelling.text)),ARS\n")
            let result = try server.run(["run", "refunds.lua", "input=in.csv", "--json", "--again"])
            #expect(result.exitCode == 3, "\(spelling.text) was taken: \(result.output)")
            let problems = try result.json().text()
            // The line is the row's, also where its value has a line end.
            #expect(problems.contains("amount") && problems.contains("\"line\":2"), "\(spelling.text): \(problems)")
        }
        #expect(try amounts(server).isEmpty)
        let rows = AmountSpelling.exact.enumerated().map { "r\($0.offset),\(quoted($0.element.text)),ARS" }
        _ = try server.folder.write("in.csv", "id,amount,currency\n" + rows.joined(separator: "\n") + "\n")
        let result = try server.run(["run", "refunds.lua", "input=in.csv"])
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try amounts(server).map(cents).sorted() == AmountSpelling.exact.compactMap(\.sent).map(cents).sorted())
    }

    @Test("in a script: every wrong one is refused with its field and value, as text and as money, and nothing is sent")
    func literals() async throws {
        let server = try await SandboxServer(world: PolicyTests.world)
        let tried = AmountSpelling.refused.map { lua($0.text) }.joined(separator: ", ")
        _ = try server.folder.write(
            "literals.lua",
            """
            job { name = "literals", effects = { "payments.refund" } }
            local function try(number, what, body)
              local fine, problem = pcall(body)
              emit { number = number, what = what, fine = fine, message = not fine and problem.message or null,
                path = not fine and problem.path or null, line = not fine and problem.location or null }
            end
            for number, text in ipairs({ \(tried) }) do
              try(number, "text", function() conomy.payments.refund("\(AmountSpellingTests.payment)", { amount = text }) end)
              try(number, "money", function() return money(text, "ARS") end)
            end
            for number, value in ipairs({ 1.5, 10.0, 1e3, 0/0, 1/0, -5.5, true, {}, { 5 } }) do
              try(number, "value", function() conomy.payments.refund("\(AmountSpellingTests.payment)", { amount = value }) end)
            end
            try(0, "missing", function() conomy.payments.refund("\(AmountSpellingTests.payment)", { reason = "x" }) end)
            try(0, "misspelt", function() conomy.payments.refund("\(AmountSpellingTests.payment)", { amuont = "5" }) end)
            try(0, "all misspelt", function() conomy.payments.refund("\(AmountSpellingTests.payment)", { amount = "ALL" }) end)
            """)
        let result = try server.run(["run", "literals.lua"])
        #expect(result.exitCode == 0, "\(result.errors)")
        var seen = 0
        for line in result.output.split(separator: "\n") where line.hasPrefix("{\"number\"") {
            let tried = try JSON(parsing: String(line))
            seen += 1
            #expect(tried["fine"] == false, "\(line)")
            let message = tried["message"]?.string ?? ""
            if tried["what"] != "money" {
                #expect(message.contains("am") && tried["line"]?.string?.hasPrefix("literals.lua:") == true, "\(line)")
            }
            #expect(!message.isEmpty, "\(line)")
        }
        #expect(seen == AmountSpelling.refused.count * 2 + 12)
        #expect(try amounts(server).isEmpty)
    }

    @Test("in a script: every exact one travels as it is", arguments: ["text", "money"])
    func exactLiterals(way: String) async throws {
        let server = try await SandboxServer(world: PolicyTests.world)
        let calls = AmountSpelling.exact.map { spelling in
            let amount = way == "text" ? "\"\(spelling.text)\"" : "money(\"\(spelling.text)\", \"ARS\")"
            return "conomy.payments.refund(\"\(AmountSpellingTests.payment)\", { amount = \(amount) })"
        }
        _ = try server.folder.write(
            "exact.lua", "job { name = \"exact\", effects = { \"payments.refund\" } }\n" + calls.joined(separator: "\n"))
        let result = try server.run(["run", "exact.lua"])
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try amounts(server).map(cents).sorted() == AmountSpelling.exact.compactMap(\.sent).map(cents).sorted())
    }
}
